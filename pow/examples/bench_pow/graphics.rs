//! Graphics devices, beside the straight definition.

use pow::{Job, Span, gpu};

use crate::{ROUNDS, Straight, median, now_ms, rate, tell};

/// How long a device works in one round, milliseconds: many dispatches.
const ROUND_MS: f64 = 400.0;
/// Tries a second that the count of instructions allows (see the table in the README).
const LIMITS: [(&str, f64); 1] = [("h200", 661.0e6)];

pub(crate) fn devices(job: &Job) {
    pollster::block_on(async {
        for adapter in gpu::adapters().await {
            device(&adapter, job).await;
        }
    });
}

async fn device(adapter: &gpu::Adapter, job: &Job) {
    let name = short(&adapter.name());
    let start = now_ms();
    let mut gpu = match gpu::Gpu::open(adapter, now_ms).await {
        Ok(gpu) => gpu,
        Err(error) => return eprintln!("{name}: {error}"),
    };
    tell(&format!("pow.gpu.{name}.ready"), now_ms() - start, "ms");
    let (mut rates, mut straight) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS as u64 {
        straight.push(rate(|| {
            let _ = pow::Engine::scan(
                &mut Straight,
                job,
                Span {
                    first: 0,
                    count: 256,
                },
            );
            256
        }));
        let (start, mut done) = (now_ms(), 0.0);
        while now_ms() - start < ROUND_MS {
            let span = Span {
                first: round << 32,
                count: gpu.span_tries(),
            };
            if let Err(error) = gpu.scan(job, span).await {
                return eprintln!("{name}: {error}");
            }
            done += f64::from(span.count);
        }
        rates.push(1000.0 * done / (now_ms() - start));
    }
    let rate = median(rates);
    tell(&format!("pow.gpu.{name}"), rate, "1/s");
    tell(
        &format!("pow.gpu.{name}.ratio"),
        rate / median(straight),
        "x",
    );
    tell(&format!("pow.gpu.{name}.7m"), 7e6 / rate, "s");
    tell(&format!("pow.gpu.{name}.70m"), 70e6 / rate, "s");
    for (_, limit) in LIMITS.iter().filter(|(it, _)| name.contains(it)) {
        tell(&format!("pow.gpu.{name}.share"), 100.0 * rate / limit, "%");
    }
}

/// A name for figures: `llvmpipe`, `nvidia_h200`.
fn short(name: &str) -> String {
    let plain = name.split('(').next().unwrap_or(name).trim().to_lowercase();
    plain.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}
