//! A device with its pipeline, and single dispatches.

use std::sync::{Arc, Mutex, PoisonError};

use futures_channel::oneshot;

use super::{GROUP, GpuError, LIST, adapter::Adapter};
use crate::{
    header::HEADER_BYTES,
    search::{Job, Span},
};

/// `Work` of the kernel: the header and four numbers.
const WORK_BYTES: u64 = HEADER_BYTES as u64 + 4 * 4;
/// `Found` of the kernel: how many, and the list.
const FOUND_BYTES: u64 = 4 * (1 + LIST as u64);
/// Most work groups in a row of the grid (WebGPU § 3.6.2, `maxComputeWorkgroupsPerDimension`).
const ROW_MAX: u32 = 65_535;

const KERNEL: &str = include_str!("kernel.wgsl");
/// The language feature `packed_4x8_integer_dot_product`.
const DOT: &str = "fn dot4(a: u32, b: u32) -> u32 { return dot4U8Packed(a, b); }";
const DOT_BY_PRODUCTS: &str = "\
fn dot4(a: u32, b: u32) -> u32 {
  return (a & 0xffu) * (b & 0xffu) + ((a >> 8u) & 0xffu) * ((b >> 8u) & 0xffu)
    + ((a >> 16u) & 0xffu) * ((b >> 16u) & 0xffu) + (a >> 24u) * (b >> 24u);
}";

/// The device, the kernel on it, and what went wrong there.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) handle: wgpu::Device,
    queue: wgpu::Queue,
    pipeline: wgpu::ComputePipeline,
    problem: Arc<Mutex<Option<String>>>,
}

/// Buffers of one dispatch.
#[derive(Debug)]
pub(super) struct Slot {
    work: wgpu::Buffer,
    found: wgpu::Buffer,
    read: wgpu::Buffer,
    group: wgpu::BindGroup,
}

/// A dispatch under way.
#[derive(Debug)]
pub(super) struct Flight {
    mapped: oneshot::Receiver<Result<(), wgpu::BufferAsyncError>>,
    #[cfg(not(target_arch = "wasm32"))]
    submission: wgpu::SubmissionIndex,
}

/// What a dispatch has found.
#[derive(Debug)]
pub(super) struct Landed {
    /// How many there are, also those for which the list had no place.
    pub(super) count: usize,
    /// Places from the start of the span, in no order.
    pub(super) list: Vec<u32>,
}

impl Device {
    pub(super) async fn open(adapter: &Adapter, with_dot: bool) -> Result<Self, GpuError> {
        let (device, queue) = adapter.device().await?;
        let problem = Arc::new(Mutex::new(None));
        let (lost, failed) = (Arc::clone(&problem), Arc::clone(&problem));
        device.set_device_lost_callback(move |_, why| note(&lost, why));
        // Without a handler wgpu would panic.
        device.on_uncaptured_error(Arc::new(move |error| note(&failed, error.to_string())));
        let dot = if with_dot { DOT } else { DOT_BY_PRODUCTS };
        let text = format!("{dot}\nconst GROUP = {GROUP}u;\nconst LIST = {LIST}u;\n{KERNEL}");
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("pow"),
            source: wgpu::ShaderSource::Wgsl(text.into()),
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("pow"),
            layout: None,
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        Ok(Self {
            handle: device,
            queue,
            pipeline,
            problem,
        })
    }

    pub(super) fn slot(&self) -> Slot {
        use wgpu::BufferUsages as Use;
        let buffer = |size, usage| {
            self.handle.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size,
                usage,
                mapped_at_creation: false,
            })
        };
        let work = buffer(WORK_BYTES, Use::UNIFORM | Use::COPY_DST);
        let found = buffer(FOUND_BYTES, Use::STORAGE | Use::COPY_DST | Use::COPY_SRC);
        let read = buffer(FOUND_BYTES, Use::MAP_READ | Use::COPY_DST);
        let entry = |binding, resource| wgpu::BindGroupEntry { binding, resource };
        let group = self.handle.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &self.pipeline.get_bind_group_layout(0),
            entries: &[
                entry(0, work.as_entire_binding()),
                entry(1, found.as_entire_binding()),
            ],
        });
        Slot {
            work,
            found,
            read,
            group,
        }
    }

    /// Starts the tries of a span; those whose hash begins with a number of at most `limit` will be
    /// found.
    pub(super) fn start(&self, slot: &Slot, job: &Job, span: Span, limit: u32) -> Flight {
        self.queue
            .write_buffer(&slot.work, 0, &work(job, span, limit));
        let mut commands = self
            .handle
            .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        commands.clear_buffer(&slot.found, 0, Some(4));
        let mut pass = commands.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &slot.group, &[]);
        let groups = span.count.div_ceil(GROUP);
        let rows = groups.div_ceil(ROW_MAX);
        pass.dispatch_workgroups(groups.div_ceil(rows.max(1)), rows, 1);
        drop(pass);
        commands.copy_buffer_to_buffer(&slot.found, 0, &slot.read, 0, FOUND_BYTES);
        #[cfg_attr(
            target_arch = "wasm32",
            expect(unused, reason = "browsers wait by themselves")
        )]
        let submission = self.queue.submit([commands.finish()]);
        let (tell, mapped) = oneshot::channel();
        // Who waits no more has no use for the answer.
        slot.read
            .map_async(wgpu::MapMode::Read, .., |result| drop(tell.send(result)));
        Flight {
            mapped,
            #[cfg(not(target_arch = "wasm32"))]
            submission,
        }
    }

    /// Waits for a dispatch, natively with the thread it is called on.
    pub(super) async fn land(&self, slot: &Slot, flight: Flight) -> Result<Landed, GpuError> {
        #[cfg(not(target_arch = "wasm32"))]
        self.wait(flight.submission)?;
        let mapped = flight.mapped.await;
        if !matches!(mapped, Ok(Ok(()))) || self.problem().is_some() {
            return Err(self.failure());
        }
        let landed = {
            let bytes = slot.read.get_mapped_range(..).map_err(|_| self.failure())?;
            let (words, _) = bytes.as_chunks();
            let mut words = words.iter().map(|bytes| u32::from_le_bytes(*bytes));
            let count = words.next().unwrap_or(0) as usize;
            Landed {
                count,
                list: words.take(count).collect(),
            }
        };
        slot.read.unmap();
        Ok(landed)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn wait(&self, submission: wgpu::SubmissionIndex) -> Result<(), GpuError> {
        /// Far longer than any dispatch; a driver that hangs is given up.
        const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);
        let until = wgpu::PollType::Wait {
            submission_index: Some(submission),
            timeout: Some(PATIENCE),
        };
        self.handle
            .poll(until)
            .map(drop)
            .map_err(|_| self.failure())
    }

    fn problem(&self) -> Option<String> {
        self.problem
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn failure(&self) -> GpuError {
        GpuError::Device(
            self.problem()
                .unwrap_or_else(|| "it does not answer".to_owned()),
        )
    }
}

fn note(problem: &Mutex<Option<String>>, what: String) {
    // The first is the cause of the others.
    problem
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get_or_insert(what);
}

/// `Work` of the kernel, little-endian.
fn work(job: &Job, span: Span, limit: u32) -> Vec<u8> {
    let header = job.header_at(span.first);
    let [high, low] = job.position_words(span.first);
    let mut bytes = header.as_bytes().to_vec();
    for number in [high, low, span.count, limit] {
        bytes.extend(number.to_le_bytes());
    }
    bytes
}
