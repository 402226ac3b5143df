//! Claimed domains: whether their files still name this node.

use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use proto::federation::ApiPlace;

use crate::{
    app::App,
    store::{HostedDomain, StoreError},
};

/// Domains that are asked at once.
const AT_ONCE: usize = 8;

/// Asks every claimed domain. One whose file names another server is not kept to be here from then on: its own server is
/// asked as any other, and can write to people here. One that cannot be asked stays what it was.
pub(super) async fn run(app: &Arc<App>) {
    if let Err(error) = look(app).await {
        let error: &(dyn std::error::Error + 'static) = &error;
        tracing::warn!(error, "claimed domains could not be looked at");
    }
}

async fn look(app: &Arc<App>) -> Result<(), StoreError> {
    let claimed = app.store.claimed_domains().await?;
    let own = ApiPlace::of_host(&app.api_domain).ok();
    let asked = stream::iter(claimed).for_each_concurrent(AT_ONCE, |found| {
        let own = own.as_ref();
        async move { settle(app, found, own).await }
    });
    asked.await;
    // Also what other processes have found.
    app.host_only(app.store.claimed_domains().await?);
    Ok(())
}

async fn settle(app: &App, found: HostedDomain, own: Option<&ApiPlace>) {
    if app.config.domains.contains(&found.name) {
        return;
    }
    let Ok(said) = app.peers.domain(&found.name).await else {
        return;
    };
    let is_away = own != Some(&said.place);
    if is_away == found.away_since.is_some() {
        return;
    }
    let since = is_away.then(|| app.now());
    if let Err(error) = app.store.set_away(&found.name, since).await {
        let error: &(dyn std::error::Error + 'static) = &error;
        tracing::warn!(error, "that a domain has moved could not be noted");
    }
}
