//! What messages to the account cost their senders: the node's to keep, as it is asked for challenges.

use proto::{
    api::message::{MessagePrices, SetPricesRequest},
    bridge::popup::PricesView,
    ids::Difficulty,
};

use crate::{Engine, error::EngineError, node::NodeError, platform::Platform};

impl<P: Platform> Engine<P> {
    /// What messages to the account cost their senders.
    ///
    /// # Errors
    /// [`EngineError::Node`], [`EngineError::Locked`], [`EngineError::NoAccount`].
    pub async fn prices(&self) -> Result<PricesView, EngineError> {
        self.ensure_open().await?;
        let prices = self.ask_node(async |node| node.prices().await).await?;
        Ok(told(prices))
    }

    /// Sets what they cost from now on, in average tries.
    ///
    /// # Errors
    /// [`EngineError::Node`]: `InvalidField` for less than the node's least or more than there may be;
    /// [`NodeError::Misbehaved`] where it answers with others; [`EngineError::Locked`].
    pub async fn set_prices(
        &self,
        first: Difficulty,
        later: Difficulty,
    ) -> Result<PricesView, EngineError> {
        self.ensure_open().await?;
        let request = SetPricesRequest { first, later };
        let set = self
            .ask_node(async |node| node.set_prices(&request).await)
            .await?;
        if (set.first, set.later) == (first, later) {
            Ok(told(set))
        } else {
            Err(NodeError::Misbehaved.into())
        }
    }
}

fn told(prices: MessagePrices) -> PricesView {
    let MessagePrices {
        first,
        later,
        least,
    } = prices;
    PricesView {
        first,
        later,
        least,
    }
}
