//! Drain: what was read goes back to the system at once.
//!
//! While a worker is at work a browser collects little, so a read of a
//! gibibyte would leave hundreds of mebibytes of spent buffers behind. One that
//! is handed to a port whose other end is closed is freed right away.

use js_sys::{Array, ArrayBuffer, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Smaller ones are not worth the way.
const BYTES_MIN: u32 = 64 << 10;

/// Gives up a buffer that nobody reads any more. Where the browser has no such ports, it collects it later.
pub(crate) fn give_up(buffer: &ArrayBuffer) {
    if buffer.byte_length() >= BYTES_MIN {
        let _ = post_to_nobody(buffer);
    }
}

fn post_to_nobody(buffer: &ArrayBuffer) -> Result<(), JsValue> {
    let channel: Function = Reflect::get(&js_sys::global(), &"MessageChannel".into())?.dyn_into()?;
    let channel = Reflect::construct(&channel, &Array::new())?;
    let call = |port: &JsValue, name: &str, arguments: &Array| {
        let function: Function = Reflect::get(port, &name.into())?.dyn_into()?;
        Reflect::apply(&function, port, arguments)
    };
    let (near, far) = (Reflect::get(&channel, &"port1".into())?, Reflect::get(&channel, &"port2".into())?);
    call(&far, "close", &Array::new())?;
    call(&near, "postMessage", &Array::of2(buffer, &Array::of1(buffer)))?;
    call(&near, "close", &Array::new()).map(drop)
}
