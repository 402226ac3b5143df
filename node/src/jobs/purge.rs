//! Removes challenges and sessions that are over, a bounded part at a time.

use crate::app::App;

/// Rows of each kind in one transaction: short enough that no write waits long for it.
const ROWS: u32 = 500;
/// Transactions in one round.
const TRANSACTIONS: usize = 200;

pub(super) async fn run(app: &App) {
    let mut removed = 0;
    for _ in 0..TRANSACTIONS {
        match app.store.purge(app.now(), ROWS).await {
            Ok(0) => break,
            Ok(rows) => removed += rows,
            Err(error) => {
                let error: &(dyn std::error::Error + 'static) = &error;
                tracing::warn!(error, "could not remove what is over");
                break;
            }
        }
    }
    if removed > 0 {
        tracing::debug!(removed, "removed what is over");
    }
}
