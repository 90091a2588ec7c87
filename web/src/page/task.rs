//! Task: one order, and the worker that carries it out. Dropped, it stops.

use js_sys::{Array, Object, Reflect};
use vhault_web::message::{Answer, Order};
use vhault_web::text::{Both, Lang, Text};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, Event, File, MessageEvent, Worker, WorkerOptions, WorkerType};

/// A worker at work.
pub(crate) struct Task {
    worker: Worker,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut(Event)>,
}

impl Task {
    /// Starts a worker with an order; `heard` is told all it says. `None`
    /// where the browser starts no workers; then `heard` was told.
    pub(crate) fn start(
        order: Order,
        files: Vec<File>,
        heard: impl Fn(Answer) + Clone + 'static,
    ) -> Option<Task> {
        let worker = match new_worker() {
            Ok(worker) => worker,
            Err(_) => {
                heard(gone());
                return None;
            }
        };
        let message = {
            let (worker, heard) = (worker.clone(), heard.clone());
            Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
                let text = event.data().as_string().unwrap_or_default();
                match serde_json::from_str(&text) {
                    Ok(Answer::Ready) => {
                        if ask(&worker, order, &files).is_err() {
                            heard(gone());
                        }
                    }
                    Ok(answer) => heard(answer),
                    Err(_) => heard(gone()),
                }
            })
        };
        let error = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            event.prevent_default();
            if let Some(error) = event.dyn_ref::<ErrorEvent>() {
                web_sys::console::warn_1(&error.message().into());
            }
            heard(gone());
        });
        worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        Some(Task { worker, _message: message, _error: error })
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

fn gone() -> Answer {
    Answer::Failed(Both::new(Text::WorkerGone.say(Lang::En), Text::WorkerGone.say(Lang::Ko)))
}

fn new_worker() -> Result<Worker, JsValue> {
    let root =
        web_sys::window().and_then(|window| window.document()).and_then(|page| page.document_element());
    let folder = root.and_then(|root| root.get_attribute("data-assets")).unwrap_or_default();
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    Worker::new_with_options(&format!("{folder}/start-worker.js"), &options)
}

fn ask(worker: &Worker, order: Order, files: &[File]) -> Result<(), JsValue> {
    let message = Object::new();
    let order = serde_json::to_string(&order).expect("an order has only names and numbers");
    Reflect::set(&message, &"order".into(), &order.into())?;
    let list: Array = files.iter().collect();
    Reflect::set(&message, &"files".into(), &list)?;
    worker.post_message(&message)
}
