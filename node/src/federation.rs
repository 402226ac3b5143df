//! What other servers ask, in oRPC's form.

mod out;
mod public_key;
mod rpc;
mod server_info;
pub mod why;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
pub use out::{DevPeer, HttpsError, Names, SystemNames};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .merge(server_info::routes())
        .merge(public_key::routes())
}
