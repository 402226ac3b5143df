//! What other servers ask, in oRPC's form.

pub(crate) mod delivery;
mod fields;
pub(crate) mod hand_over;
mod notify;
pub(crate) mod out;
pub(crate) mod pow_challenge;
mod public_key;
mod pull;
pub(crate) mod refusal;
mod rpc;
pub(crate) mod sender;
mod server_info;
pub mod why;
mod work;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
pub use out::{DevPeer, HttpsError, Names, SystemNames};

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .merge(server_info::routes())
        .merge(public_key::routes())
        .merge(pow_challenge::routes())
        .merge(notify::routes())
        .merge(pull::routes())
}
