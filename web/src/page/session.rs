//! Session: the given files and what became of them; the only writer.

use std::collections::BTreeMap;

use leptos::prelude::*;
use vhault_web::inspect::Inspected;
use vhault_web::message::{Answer, Job, Order};
use vhault_web::pattern::Reading;
use vhault_web::sample::Sample;
use vhault_web::text::{Both, Lang, Text};
use vhault_web::view_model::pace::Pace;
use web_sys::File;

use super::task::Task;

/// How far something is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Phase<T> {
    /// Not begun.
    #[default]
    Idle,
    /// Under way.
    Running(Pace),
    /// Done, and how long it took.
    Done(T, Pace),
    /// It could not be done.
    Failed(Both),
}

/// The session, from anywhere in the page.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    files: StoredValue<Vec<File>, LocalStorage>,
    sample: StoredValue<Option<Sample>>,
    /// What is known of the given files.
    pub(crate) inspected: Work<Inspected>,
    /// What reading told of the disks of given files, by the place of the file.
    pub(crate) readings: RwSignal<BTreeMap<usize, Reading>>,
    /// What changed since an earlier image, in bytes that a copy would send, by the name of the later one.
    pub(crate) changes: RwSignal<BTreeMap<String, u64>>,
    /// The last thing said to those who do not see the page change.
    pub(crate) notice: RwSignal<Option<Both>>,
}

/// One thing a worker may do, and how far it is.
pub(crate) struct Work<T: Send + Sync + 'static> {
    /// How far it is.
    pub(crate) phase: RwSignal<Phase<T>>,
    tasks: StoredValue<Vec<Task>, LocalStorage>,
}

impl<T: Send + Sync + 'static> Clone for Work<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Work<T> {}

impl<T: Send + Sync + 'static> Work<T> {
    /// Nothing to do yet.
    pub(crate) fn new() -> Work<T> {
        Work { phase: RwSignal::new(Phase::Idle), tasks: StoredValue::new_local(Vec::new()) }
    }

    /// Whether it is under way.
    pub(crate) fn is_running(self) -> bool {
        self.phase.with(|phase| matches!(phase, Phase::Running(_)))
    }

    /// Stops it; nothing was changed anywhere.
    pub(crate) fn cancel(self) {
        self.tasks.set_value(Vec::new());
        self.phase.set(Phase::Idle);
    }
}

impl Session {
    /// A session without files.
    pub(crate) fn provide() -> Session {
        let session = Session {
            files: StoredValue::new_local(Vec::new()),
            sample: StoredValue::new(None),
            inspected: Work::new(),
            readings: RwSignal::default(),
            changes: RwSignal::default(),
            notice: RwSignal::new(None),
        };
        provide_context(session);
        session
    }

    /// Takes files, with those that are there already when `adding`.
    pub(crate) fn take_files(self, files: Vec<File>, adding: bool) {
        if files.is_empty() {
            self.inspected.phase.set(Phase::Failed(both(Text::NothingGiven)));
            return;
        }
        let keep = adding && self.sample.get_value().is_none();
        self.sample.set_value(None);
        self.files.update_value(|held| {
            if !keep {
                held.clear();
            }
            held.extend(files);
        });
        self.inspect();
    }

    /// Takes a sample in place of files.
    pub(crate) fn take_sample(self, sample: Sample) {
        self.sample.set_value(Some(sample));
        self.files.set_value(Vec::new());
        self.inspect();
    }

    fn inspect(self) {
        self.readings.update(BTreeMap::clear);
        self.changes.update(BTreeMap::clear);
        self.run(self.inspected, Job::Inspect, |answer| match answer {
            Answer::Inspected(inspected) => Some(inspected),
            _ => None,
        });
    }

    /// Has a worker do `job`; `pick` takes its result from the answer.
    pub(crate) fn run<T: Send + Sync + 'static>(
        self,
        work: Work<T>,
        job: Job,
        pick: fn(Answer) -> Option<T>,
    ) {
        self.run_all(work, vec![job], move |answers| answers.into_iter().next().and_then(pick));
    }

    /// Has a worker do each of `jobs`, all at once; `join` makes one result of
    /// their answers.
    pub(crate) fn run_all<T: Send + Sync + 'static>(
        self,
        work: Work<T>,
        jobs: Vec<Job>,
        join: impl Fn(Vec<Answer>) -> Option<T> + Clone + 'static,
    ) {
        let since = now_ms();
        work.tasks.set_value(Vec::new());
        work.phase.set(Phase::Running(Pace::default()));
        let sample = self.sample.get_value();
        let files = self.files.get_value();
        let count = jobs.len();
        let reached = StoredValue::new(vec![(0, 0); count]);
        let answers = StoredValue::new_local(Vec::new());
        let start = move |(number, job): (usize, Job)| {
            let join = join.clone();
            let heard = move |answer| {
                // What others say after one has failed is of no use.
                if !work.phase.with_untracked(|phase| matches!(phase, Phase::Running(_))) {
                    return;
                }
                let elapsed_ms = now_ms().saturating_sub(since);
                match answer {
                    Answer::Progress { done, total } => {
                        reached.update_value(|reached| reached[number] = (done, total));
                        let (done, total) = sum(reached);
                        work.phase.set(Phase::Running(Pace { done, total, elapsed_ms }));
                    }
                    Answer::Failed(why) => {
                        self.notice.set(Some(why.clone()));
                        work.phase.set(Phase::Failed(why));
                    }
                    answer => {
                        answers.update_value(|answers| answers.push(answer));
                        if answers.with_value(Vec::len) < count {
                            return;
                        }
                        let mut all = Vec::new();
                        answers.update_value(|answers| all = std::mem::take(answers));
                        let (done, total) = sum(reached);
                        match join(all) {
                            Some(result) => {
                                self.notice.set(Some(both(Text::KitDone)));
                                work.phase.set(Phase::Done(result, Pace { done, total, elapsed_ms }));
                            }
                            None => work.phase.set(Phase::Failed(both(Text::WorkerGone))),
                        }
                    }
                }
            };
            Task::start(Order { sample, job }, files.clone(), heard)
        };
        let tasks = jobs.into_iter().enumerate().filter_map(start).collect();
        work.tasks.set_value(tasks);
    }
}

/// How far all workers are together; of an unknown whole while one does not know.
fn sum(reached: StoredValue<Vec<(u64, u64)>>) -> (u64, u64) {
    reached.with_value(|reached| {
        let is_known = reached.iter().all(|(_, total)| *total > 0);
        let total = reached.iter().map(|(_, total)| total).sum();
        (reached.iter().map(|(done, _)| done).sum(), if is_known { total } else { 0 })
    })
}

/// How many workers share a work that can be shared.
pub(crate) fn workers() -> u32 {
    const MOST: f64 = 4.0;
    let processors = window().navigator().hardware_concurrency();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "one to four")]
    let count = processors.clamp(1.0, MOST) as u32;
    count
}

/// A fixed text in every language.
pub(crate) fn both(text: Text) -> Both {
    Both::new(text.say(Lang::En), text.say(Lang::Ko))
}

/// The session, from anywhere in the page.
pub(crate) fn session() -> Session {
    expect_context()
}

fn now_ms() -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a page lives no 2^53 ms")]
    window().performance().map_or(0, |clock| clock.now() as u64)
}
