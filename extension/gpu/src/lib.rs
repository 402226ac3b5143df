//! Proof of work in the extension on the graphics processor: one [`Graphics`] in one Web Worker. A
//! module of its own, loaded only where there is WebGPU.
//!
//! Errors are thrown as texts. No secret comes in here: header and target are public.

use pow::{Header, Job, Span, Target, gpu};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// The graphics processor that the browser prefers.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Graphics {
    gpu: gpu::Gpu,
    software: bool,
}

#[wasm_bindgen]
impl Graphics {
    /// Compiles the kernel, checks it, and sizes its dispatches; `undefined` where the browser has
    /// no WebGPU or no device for it.
    ///
    /// # Errors
    /// Where the device refuses, or finds other nonces than the definition.
    pub async fn open() -> Result<Option<Graphics>, String> {
        let Some(adapter) = gpu::adapters().await.into_iter().next() else {
            return Ok(None);
        };
        let software = adapter.is_software();
        let gpu = gpu::Gpu::open(&adapter, now)
            .await
            .map_err(|error| error.to_string())?;
        Ok(Some(Self { gpu, software }))
    }

    /// What the browser calls the device; empty where it does not tell.
    #[wasm_bindgen(getter)]
    pub fn name(&self) -> String {
        self.gpu.name().to_owned()
    }

    /// Whether the processor only plays this device.
    #[wasm_bindgen(getter)]
    pub fn software(&self) -> bool {
        self.software
    }

    /// Positions to ask for at once.
    #[wasm_bindgen(getter)]
    pub fn span(&self) -> u32 {
        self.gpu.span_tries()
    }

    /// The lowest position of a span that solves the challenge, of `header` (128 hex digits) and
    /// `target` (64), with the nonces of a worker. One at a time.
    ///
    /// # Errors
    /// Where a text is no hex of its length, or the device is of no use any more.
    pub async fn scan(
        &mut self,
        header: &str,
        target: &str,
        worker: u32,
        first: u64,
        count: u32,
    ) -> Result<Option<u64>, String> {
        let header = Header::parse_hex(header).map_err(|error| format!("header: {error}"))?;
        let target = Target::parse_hex(target).map_err(|error| format!("target: {error}"))?;
        let job = Job::new(header, target).for_worker(worker);
        let found = self.gpu.scan(&job, Span { first, count }).await;
        found.map_err(|error| error.to_string())
    }

    /// Destroys the device, as a driver that crashes does: to try what happens then.
    pub fn lose(&self) {
        self.gpu.lose();
    }
}
