//! Which graphics processors there are.

use super::GpuError;

/// A graphics processor, or a program that plays one.
#[derive(Debug, Clone)]
pub struct Adapter {
    pub(super) adapter: wgpu::Adapter,
    pub(super) has_dot: bool,
}

/// All that there are, natively. In the browser the one that it prefers, and none where it has no
/// WebGPU.
pub async fn adapters() -> Vec<Adapter> {
    if !has_any() {
        return Vec::new();
    }
    let instance = wgpu::Instance::default();
    let has_dot = instance
        .wgsl_language_features()
        .contains(wgpu::WgslLanguageFeatures::Packed4x8IntegerDotProduct);
    let found = enumerate(&instance).await;
    let adapter = |adapter| Adapter { adapter, has_dot };
    found.into_iter().map(adapter).collect()
}

impl Adapter {
    /// What its driver calls it; empty in browsers that do not tell.
    pub fn name(&self) -> String {
        self.adapter.get_info().name
    }

    /// Name, and driver where it is told.
    pub fn described(&self) -> String {
        let info = self.adapter.get_info();
        let driver = format!("{} {}", info.driver, info.driver_info);
        match driver.trim() {
            "" => info.name,
            driver => format!("{} ({driver})", info.name),
        }
    }

    /// Whether the processor plays a graphics device: slower than [`fastest`](crate::fastest), and
    /// never to be preferred.
    pub fn is_software(&self) -> bool {
        self.adapter.get_info().device_type == wgpu::DeviceType::Cpu
    }

    /// The same once more, after its device was lost: in browsers an adapter makes one device.
    pub(super) async fn again(&self) -> Result<Self, GpuError> {
        if cfg!(target_arch = "wasm32") {
            let first = adapters().await.into_iter().next();
            return first.ok_or_else(|| GpuError::Device("there is none any more".to_owned()));
        }
        Ok(self.clone())
    }

    pub(super) async fn device(&self) -> Result<(wgpu::Device, wgpu::Queue), GpuError> {
        let wanted = wgpu::DeviceDescriptor {
            label: Some("pow"),
            ..wgpu::DeviceDescriptor::default()
        };
        let device = self.adapter.request_device(&wanted).await;
        device.map_err(|error| GpuError::Device(error.to_string()))
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn has_any() -> bool {
    true
}

#[cfg(not(target_arch = "wasm32"))]
async fn enumerate(instance: &wgpu::Instance) -> Vec<wgpu::Adapter> {
    instance.enumerate_adapters(wgpu::Backends::PRIMARY).await
}

#[cfg(target_arch = "wasm32")]
fn has_any() -> bool {
    // Where there is none, asking for an instance would panic.
    let gpu = js_sys::Reflect::get(&js_sys::global(), &"navigator".into())
        .and_then(|navigator| js_sys::Reflect::get(&navigator, &"gpu".into()));
    gpu.is_ok_and(|gpu| gpu.is_object())
}

#[cfg(target_arch = "wasm32")]
async fn enumerate(instance: &wgpu::Instance) -> Vec<wgpu::Adapter> {
    let options = wgpu::RequestAdapterOptions {
        power_preference: wgpu::PowerPreference::HighPerformance,
        ..wgpu::RequestAdapterOptions::default()
    };
    let adapter = instance.request_adapter(&options).await;
    adapter.into_iter().collect()
}
