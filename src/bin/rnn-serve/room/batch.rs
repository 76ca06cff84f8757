//! The thread that owns a model. Texts join and leave between two steps; a step takes all that are there, each at its own
//! place, so a text is the same whoever is written beside it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use rnn_tools::engine::{State, Workspace};
use rnn_tools::generate::Author;

use super::cache::Cache;
use super::voice::{self, Reason, Said, Token, Voice};
use super::{Event, Failure, Job, Line, Task, lock};
use crate::metrics::Metrics;

/// Tokens of an order that are read for each one that the others write: reading spares the output layer, where most of
/// the time goes.
const READ_AHEAD: usize = 16;

/// Serves the line until it is closed and empty.
pub fn serve(line: &Line, author: &Author, batch: usize, metrics: &Metrics) {
    let run = || Batch::new(line, author, batch, metrics).run();
    // A fault of ours costs those inside their texts, not the others theirs.
    while catch_unwind(AssertUnwindSafe(run)).is_err() {
        log::error!("the texts in the making are lost");
    }
}

struct Batch<'a> {
    line: &'a Line,
    author: &'a Author,
    most: usize,
    metrics: &'a Metrics,
    live: Vec<Live<'a>>,
    cache: Cache,
    work: Workspace,
    /// (texts, vocab_size)
    logits: Vec<f32>,
}

/// A text inside.
struct Live<'a> {
    stay: Arc<Stay<'a>>,
    state: State,
    phase: Phase<'a>,
}

enum Phase<'a> {
    /// So many tokens of the order are read; those that were scored.
    Reading { read: usize, scores: Vec<Token> },
    Writing { sample: usize, voice: Box<Voice<'a>> },
    Left,
}

/// A job inside, shared by its samples. When the last of them leaves, the job ends.
struct Stay<'a> {
    job: Arc<Job>,
    line: &'a Line,
    metrics: &'a Metrics,
}

impl Drop for Stay<'_> {
    fn drop(&mut self) {
        // Where the thread panics, this is not the end that was ordered.
        self.job.end(if std::thread::panicking() { Err(Failure::Internal) } else { Ok(()) });
        self.metrics.generation.observe(self.job.begun.elapsed());
        lock(&self.line.queue).running -= 1;
    }
}

impl<'a> Batch<'a> {
    fn new(line: &'a Line, author: &'a Author, most: usize, metrics: &'a Metrics) -> Self {
        let work = author.network.workspace(most);
        Self { line, author, most, metrics, live: Vec::new(), cache: Cache::default(), work, logits: Vec::new() }
    }

    fn run(mut self) {
        while self.admit() {
            self.read();
            self.write();
            self.live.retain(|live| !matches!(live.phase, Phase::Left));
        }
    }

    /// Lets in who is next, as many as there is room for, and sends away those who gave up. Waits where nobody is inside;
    /// false where nobody will come.
    fn admit(&mut self) -> bool {
        let now = Instant::now();
        self.live.retain(|live| !live.stay.job.give_up(now));
        let mut queue = lock(&self.line.queue);
        loop {
            while let Some(job) = queue.waiting.front() {
                if self.live.len() + job.order.samples() > self.most && !self.live.is_empty() {
                    break;
                }
                let Some(job) = queue.waiting.pop_front() else { break };
                if job.give_up(now) {
                    continue;
                }
                queue.running += 1;
                self.live.push(begin(Arc::new(Stay { job, line: self.line, metrics: self.metrics }), self.author));
            }
            queue.live = self.live.len();
            if !self.live.is_empty() {
                return true;
            }
            if queue.closed {
                return false;
            }
            queue = self.line.moved.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Reads on in the orders of those who came in, and lets those write who have read it all.
    fn read(&mut self) {
        for live in &mut self.live {
            if let Phase::Reading { read: read @ 0, .. } = &mut live.phase
                && !live.stay.job.order.is_scored()
                && let Some((length, state)) = self.cache.find(&live.stay.job.order.ids)
            {
                (*read, live.state) = (length, state);
                self.metrics.cached_tokens.fetch_add(length as u64, Ordering::Relaxed);
            }
        }
        for _ in 0..READ_AHEAD {
            let (mut tokens, mut states) = (Vec::new(), Vec::new());
            for Live { stay, state, phase } in &mut self.live {
                if let Phase::Reading { read, .. } = phase
                    && !stay.job.order.is_scored()
                    && let Some(&token) = stay.job.order.ids.get(*read)
                {
                    *read += 1;
                    tokens.push(token);
                    states.push(state);
                }
            }
            if tokens.is_empty() {
                break;
            }
            self.author.network.step(&tokens, &mut states, &mut self.work);
        }
        for at in 0..self.live.len() {
            let live = &self.live[at];
            if let Phase::Reading { read, .. } = live.phase
                && read == live.stay.job.order.ids.len()
            {
                self.begin_writing(at);
            }
        }
    }

    /// The order is read: from here on each sample goes its own way.
    fn begin_writing(&mut self, at: usize) {
        let Live { stay, state, phase } = &mut self.live[at];
        let (stay, order) = (Arc::clone(stay), &stay.job.order);
        if let Phase::Reading { scores, .. } = phase
            && order.is_scored()
        {
            stay.job.post(Event::Scored(std::mem::take(scores)));
        }
        self.cache.keep(&order.ids, state);
        self.metrics.prompt_tokens.fetch_add(order.ids.len() as u64, Ordering::Relaxed);
        let Task::Write(writing) = &order.task else {
            *phase = Phase::Left;
            return;
        };
        let state = state.clone();
        for sample in 0..writing.samples {
            let voice = Box::new(Voice::new(self.author, order, writing, sample));
            let live = Live { stay: Arc::clone(&stay), state: state.clone(), phase: Phase::Writing { sample, voice } };
            if sample == 0 { self.live[at] = live } else { self.live.push(live) }
        }
    }

    /// One token more for everybody who needs to know what is likely.
    fn write(&mut self) {
        let size = self.author.tokenizer.len();
        let mut asking: Vec<&mut Live> = self.live.iter_mut().filter(|live| live.asks()).collect();
        if asking.is_empty() {
            return;
        }
        self.logits.resize(self.logits.len().max(asking.len() * size), 0.0);
        let logits = &mut self.logits[..asking.len() * size];
        let states: Vec<&State> = asking.iter().map(|live| &live.state).collect();
        self.author.network.logits(&states, logits, &mut self.work);
        let (mut tokens, mut states) = (Vec::new(), Vec::new());
        for (live, logits) in asking.iter_mut().zip(logits.chunks_exact_mut(size)) {
            if let Some(token) = live.go_on(logits, self.author, self.metrics) {
                tokens.push(token);
                states.push(&mut live.state);
            } else if let Phase::Writing { voice, .. } = &live.phase {
                self.cache.keep(voice.read(), &live.state);
                live.phase = Phase::Left;
            }
        }
        self.author.network.step(&tokens, &mut states, &mut self.work);
    }
}

fn begin<'a>(stay: Arc<Stay<'a>>, author: &Author) -> Live<'a> {
    Live { stay, state: author.network.initial_state(), phase: Phase::Reading { read: 0, scores: Vec::new() } }
}

impl Live<'_> {
    /// Whether it needs the logits after what it has read.
    fn asks(&self) -> bool {
        match &self.phase {
            Phase::Reading { read, .. } => self.stay.job.order.is_scored() && *read < self.stay.job.order.ids.len(),
            Phase::Writing { .. } => true,
            Phase::Left => false,
        }
    }

    /// Says what comes next, and gives the token that is to be read now; None at the end.
    fn go_on(&mut self, logits: &mut [f32], author: &Author, metrics: &Metrics) -> Option<u32> {
        let job = &self.stay.job;
        match &mut self.phase {
            Phase::Reading { read, scores } => {
                let token = job.order.ids[*read];
                scores.push(voice::score(author, &job.order, *read, logits));
                *read += 1;
                Some(token)
            }
            Phase::Writing { sample, voice } => {
                let Said { piece, next } = voice.go_on(logits);
                if voice.num_tokens() == 1 {
                    metrics.first_token.observe(job.begun.elapsed());
                }
                metrics.generated_tokens.fetch_add(1, Ordering::Relaxed);
                if let Some(piece) = piece {
                    job.post(Event::Piece { sample: *sample, piece });
                }
                match next {
                    Ok(token) => Some(token),
                    Err(reason) => {
                        let (num_words, num_tokens) = (voice.num_words(), voice.num_tokens());
                        job.post(Event::End { sample: *sample, reason, num_words, num_tokens });
                        None
                    }
                }
            }
            Phase::Left => None,
        }
    }
}
