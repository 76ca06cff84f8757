//! What the engine promises its callers that can only be seen from outside.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell as Counter;

use rnn_tools::engine::{Model, Precision, State};
use rnn_tools::model::{Cell, Config, ModelFile};
use rnn_tools::text::Tokenizer;

thread_local! {
    static ALLOCATIONS: Counter<usize> = const { Counter::new(0) };
}

/// Counts what each thread asks for.
struct Counting;

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_step_allocates_nothing() {
    let plain = Config { vocab_size: 300, embedding_size: 20, hidden_size: 30, num_layers: 2, ..Config::default() };
    let tokenizer = Tokenizer::numbered(300);
    for cell in Cell::ALL {
        for (skip_connections, attention, cutoffs) in [(false, 0, vec![]), (true, 5, vec![50, 100])] {
            let config = Config { cell, skip_connections, attention, cutoffs, ..plain.clone() };
            let file = ModelFile::random(config, tokenizer.clone(), 1);
            for precision in [Precision::Stored, Precision::Int8] {
                let model = Model::load(&file.config, &file.tensors, precision).unwrap();
                for batch in [1, 7] {
                    let mut states: Vec<State> = (0..batch).map(|_| model.initial_state()).collect();
                    let mut work = model.workspace(batch);
                    let mut logits = vec![0.0; batch * 300];
                    let tokens: Vec<u32> = (0..batch as u32).collect();
                    let mut borrowed: Vec<&mut State> = states.iter_mut().collect();
                    let before = ALLOCATIONS.get();
                    model.step(&tokens, &mut borrowed, &mut work);
                    assert_eq!(ALLOCATIONS.get(), before, "{:?} {precision:?} {batch}", file.config);
                    let states: Vec<&State> = states.iter().collect();
                    let before = ALLOCATIONS.get();
                    model.logits(&states, &mut logits, &mut work);
                    assert_eq!(ALLOCATIONS.get(), before, "{:?} {precision:?} {batch}", file.config);
                }
            }
        }
    }
}
