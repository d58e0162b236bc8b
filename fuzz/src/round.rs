//! One input to one decoder, and what came of it.

use crate::{Decoder, mutate};
use peak_alloc::PeakAlloc;
use std::{
    any::Any,
    panic::{self, AssertUnwindSafe},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Bytes of memory an input may cost: so many for each of its own, and so many in any case.
const MEMORY_PER_BYTE: usize = 2_000;
const MEMORY_BYTES: usize = 64 << 20;

/// What an input led to.
#[derive(Clone, Debug)]
pub struct Round {
    /// The broken promise, if one was.
    pub broken: Option<String>,
    /// How long it took.
    pub took: Duration,
}

/// The input of that number.
pub fn input(decoder: &Decoder, inputs: &[Vec<u8>], number: u64) -> Vec<u8> {
    let name = decoder.name.bytes().fold(0, |hash: u64, byte| hash.wrapping_mul(131).wrapping_add(byte.into()));
    mutate::changed(&mut mutate::Choices::new(number ^ name.rotate_left(32)), inputs)
}

/// Gives an input to a decoder. What it takes of memory is measured over the whole process: one at a time.
pub fn run(decoder: &Decoder, input: &[u8]) -> Round {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let (begun, before) = (Instant::now(), MEMORY.current_usage());
    MEMORY.reset_peak_usage();
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| (decoder.check)(input)));
    let took = begun.elapsed();
    let needed = MEMORY.peak_usage().saturating_sub(before);
    let broken = match outcome {
        Err(payload) => Some(sentence(&*payload)),
        Ok(()) if needed > MEMORY_BYTES + MEMORY_PER_BYTE * input.len() => {
            Some(format!("{} bytes of input took {needed} of memory", input.len()))
        }
        Ok(()) => None,
    };
    Round { broken, took }
}

fn sentence(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".to_owned())
}
