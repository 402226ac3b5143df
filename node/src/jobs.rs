//! What the node does by itself.

mod hosted;
mod purge;

use std::{sync::Arc, time::Duration};

use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;

/// Time between two rounds.
const EVERY: Duration = Duration::from_mins(5);
/// Time between two clearings of what the recorder holds.
const UPKEEP: Duration = Duration::from_secs(10);

/// Works until it is dropped.
pub(crate) async fn run(app: Arc<App>) {
    // Others may take their time to answer.
    let hosted = async {
        let mut rounds = interval(EVERY);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            rounds.tick().await;
            hosted::run(&app).await;
        }
    };
    tokio::join!(hosted, tend(&app));
}

async fn tend(app: &Arc<App>) {
    let mut rounds = interval(EVERY);
    let mut upkeep = interval(UPKEEP);
    for ticks in [&mut rounds, &mut upkeep] {
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    }
    loop {
        tokio::select! {
            _ = rounds.tick() => {
                purge::run(app).await;
                app.confirmations.retain_recent();
                app.renewals.retain_recent();
                app.claims.retain_recent();
                app.hurries.retain_recent();
                app.redeems.retain_recent();
                app.news.forget_idle();
                if let Some(limits) = &app.limits {
                    limits.forget_idle();
                }
            }
            _ = upkeep.tick() => app.metrics.run_upkeep(),
        }
    }
}
