//! Task: one order, and the worker that carries it out. Dropped, it stops.
//!
//! Where the browser starts no worker, or what it starts never gets ready, the
//! same program runs in the page: `static/reader.js`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Function, Object, Reflect};
use vhault_web::message::{Answer, Order};
use vhault_web::text::{Both, Lang, Text};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, Event, File, MessageEvent, Worker, WorkerOptions, WorkerType};

/// A worker at work.
pub(crate) struct Task {
    worker: Rc<RefCell<Worker>>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut(Event)>,
}

impl Task {
    /// Starts a worker with an order; `heard` is told all it says. `None`
    /// where there is no way at all to carry it out; then `heard` was told.
    pub(crate) fn start(
        order: Order,
        files: Vec<File>,
        heard: impl Fn(Answer) + Clone + 'static,
    ) -> Option<Task> {
        let is_in_page = Rc::new(Cell::new(false));
        let started = new_worker().or_else(|_| {
            is_in_page.set(true);
            in_page()
        });
        let Ok(worker) = started else {
            heard(gone());
            return None;
        };
        let worker = Rc::new(RefCell::new(worker));
        let is_ready = Rc::new(Cell::new(false));
        let message = {
            let (worker, heard, is_ready) = (worker.clone(), heard.clone(), is_ready.clone());
            Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
                let text = event.data().as_string().unwrap_or_default();
                match serde_json::from_str(&text) {
                    Ok(Answer::Ready) => {
                        is_ready.set(true);
                        if ask(&worker.borrow(), order, &files).is_err() {
                            heard(gone());
                        }
                    }
                    Ok(answer) => heard(answer),
                    Err(_) => heard(gone()),
                }
            })
        };
        let error = {
            let worker = worker.clone();
            Closure::<dyn FnMut(Event)>::new(move |event: Event| {
                event.prevent_default();
                if let Some(error) = event.dyn_ref::<ErrorEvent>() {
                    web_sys::console::warn_1(&error.message().into());
                }
                // One that failed before it was ready may have been forbidden.
                let other = (!is_ready.get() && !is_in_page.replace(true)).then(in_page);
                match other {
                    Some(Ok(other)) => {
                        other.set_onmessage(worker.borrow().onmessage().as_ref());
                        other.set_onerror(worker.borrow().onerror().as_ref());
                        let failed = worker.replace(other);
                        stop(&failed);
                    }
                    _ => heard(gone()),
                }
            })
        };
        worker.borrow().set_onmessage(Some(message.as_ref().unchecked_ref()));
        worker.borrow().set_onerror(Some(error.as_ref().unchecked_ref()));
        Some(Task { worker, _message: message, _error: error })
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        stop(&self.worker.borrow());
    }
}

fn stop(worker: &Worker) {
    worker.set_onmessage(None);
    worker.set_onerror(None);
    worker.terminate();
}

/// What takes a worker's place in the page: it has the same parts by name.
fn in_page() -> Result<Worker, JsValue> {
    let maker: Function = Reflect::get(&js_sys::global(), &"VhaultInPage".into())?.dyn_into()?;
    Ok(Reflect::construct(&maker, &Array::new())?.unchecked_into())
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
