//! What other servers ask, in oRPC's form.

mod public_key;
mod rpc;
mod server_info;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub(crate) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .merge(server_info::routes())
        .merge(public_key::routes())
}
