//! What goes to one extension: sealed in the order in which it is said, by whichever thread.

use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::Builder,
};

use proto::{bridge::host::HostFrame, bytes::Base64};
use serde::Serialize;
use wasm_core::channel::Channel;
use zeroize::Zeroizing;

use crate::{frame, pipe::Pipe};

/// Frames that wait for a browser that does not read.
const FRAMES_MAX: usize = 256;

/// The extension is gone, or does not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the extension is gone")]
pub(crate) struct Gone;

/// The line to one extension.
pub(crate) struct Line {
    channel: Mutex<Channel>,
    to: SyncSender<String>,
    /// A message was numbered and never sent: nothing after it would be understood.
    dead: AtomicBool,
}

/// Frames to the browser, before there is a channel and after.
pub(crate) struct Writer(SyncSender<String>);

impl Writer {
    /// Begins to write what is put in.
    pub(crate) fn start(to: Arc<Pipe>) -> io::Result<Self> {
        let (put, take) = sync_channel(FRAMES_MAX);
        Builder::new().spawn(move || write_all(&to, &take))?;
        Ok(Self(put))
    }

    /// Puts a frame in.
    pub(crate) fn put(&self, frame: &HostFrame) -> Result<(), Gone> {
        put(&self.0, frame)
    }

    /// From here on everything is sealed.
    pub(crate) fn sealed(self, channel: Channel) -> Line {
        Line {
            channel: Mutex::new(channel),
            to: self.0,
            dead: AtomicBool::new(false),
        }
    }
}

impl Line {
    /// Says something.
    pub(crate) fn say<T: Serialize>(&self, message: &T) -> Result<(), Gone> {
        let text = Zeroizing::new(serde_json::to_vec(message).map_err(|_| Gone)?);
        // One after the other: messages have numbers.
        let mut channel = self.channel();
        if self.dead.load(Ordering::Acquire) {
            return Err(Gone);
        }
        for message in channel.seal(&text).map_err(|_| Gone)? {
            put(&self.to, &HostFrame::Sealed(Base64(message)))
                .inspect_err(|_| self.dead.store(true, Ordering::Release))?;
        }
        Ok(())
    }

    /// Opens what came; the text, where it is whole.
    pub(crate) fn open(&self, message: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, Gone> {
        if self.dead.load(Ordering::Acquire) {
            return Err(Gone);
        }
        self.channel().open(message).map_err(|_| Gone)
    }

    /// The channel itself.
    pub(crate) fn channel(&self) -> MutexGuard<'_, Channel> {
        // What is behind is whole at any time.
        self.channel.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn put(to: &SyncSender<String>, frame: &HostFrame) -> Result<(), Gone> {
    let text = serde_json::to_string(frame).map_err(|_| Gone)?;
    to.try_send(text).map_err(|_| Gone)
}

fn write_all(mut to: &Pipe, texts: &Receiver<String>) {
    while let Ok(text) = texts.recv() {
        if frame::write(&mut to, &text).is_err() {
            break;
        }
    }
}
