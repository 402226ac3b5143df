//! The way to nodes, as its user changes it.

use std::rc::Rc;

use proto::{
    bridge::popup::RouteSet,
    error::{ErrorCode, WireError},
};
use tokio::task::{spawn_blocking, spawn_local};

use super::{
    super::{
        keeping, route,
        transport::{ProxyAddress, Route},
    },
    Desk,
};

impl Desk {
    /// Sends the account's requests through a proxy (`host:port`), or straight, from now on and after every
    /// start. It is written down first: a host that dies between goes by the new one. An account that lies here
    /// is open when its way changes.
    ///
    /// # Errors
    /// [`ErrorCode::Locked`], [`ErrorCode::ProxyInvalid`]; [`ErrorCode::StoreFailed`]: then they go as before,
    /// or nowhere, as [`AccountNow`](proto::bridge::account::AccountNow) says.
    pub(in crate::account) async fn set_route(
        self: &Rc<Self>,
        proxy: Option<&str>,
    ) -> Result<RouteSet, WireError> {
        let proxy: Option<ProxyAddress> = proxy
            .map(|proxy| proxy.trim().parse())
            .transpose()
            .map_err(|_| WireError::new(ErrorCode::ProxyInvalid))?;
        let failed = || WireError::new(ErrorCode::StoreFailed);
        let opening = self.opening.lock().await;
        if !self.may_turn().await {
            return Err(ErrorCode::Locked.into());
        }
        let (place, kept) = (self.place.clone(), proxy.clone());
        let written = spawn_blocking(move || route::write(&place, kept.as_ref())).await;
        written.map_err(|_| failed())?.map_err(|_| failed())?;
        let chosen = proxy.clone().map_or(Route::Direct, Route::Socks);
        self.route.replace(chosen.clone());
        let mut turned = Ok(());
        if let Some(engine) = self.engine() {
            turned = engine.transport().turn(&chosen).map_err(|_| failed());
            if turned.is_err() {
                self.route.replace(Route::Nowhere);
            }
            let desk = Rc::clone(self);
            spawn_local(async move {
                desk.listener.hurry();
                keeping::sync(&desk, &engine).await;
            });
        }
        drop(opening);
        self.settle().await;
        turned?;
        let answers = match &proxy {
            Some(proxy) => route::answers(proxy).await,
            None => true,
        };
        Ok(RouteSet { answers })
    }

    /// Whether there is no account yet, or its vault is open; work that is under way opens nothing.
    async fn may_turn(&self) -> bool {
        match self.opened() {
            Ok(engine) => {
                engine.lock_if_due().await;
                engine.next_deadline().is_some() || engine.account_view().is_err()
            }
            Err(refused) => refused.code == ErrorCode::NoAccount,
        }
    }
}
