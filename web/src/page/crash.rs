//! What is shown when the page fails: never nothing.

use web_sys::{Document, Element};

/// Shows what happened, from now on, should this program panic.
pub(crate) fn watch() {
    std::panic::set_hook(Box::new(|info| {
        let text = format!("vhault {}: {info}", env!("CARGO_PKG_VERSION"));
        web_sys::console::error_1(&text.as_str().into());
        show(&text);
    }));
}

fn show(text: &str) -> Option<()> {
    let document = web_sys::window()?.document()?;
    let panel = element(&document, "main", "crash", "")?;
    panel.set_attribute("role", "alert").ok()?;
    for part in [
        element(&document, "h1", "", "The page has failed · 페이지에 오류가 발생했습니다")?,
        element(
            &document,
            "p",
            "",
            "Your files are untouched: they are only ever read. Reload the page to go on, and please report the text below.",
        )?,
        element(
            &document,
            "p",
            "",
            "파일은 읽기만 하므로 바뀌지 않았습니다. 계속하려면 페이지를 새로 고치고, 아래 내용을 알려 주세요.",
        )?,
        element(&document, "pre", "", text)?,
    ] {
        panel.append_child(&part).ok()?;
    }
    let body = document.body()?;
    body.set_text_content(None);
    body.append_child(&panel).ok()?;
    Some(())
}

fn element(document: &Document, tag: &str, class: &str, text: &str) -> Option<Element> {
    let element = document.create_element(tag).ok()?;
    element.set_class_name(class);
    element.set_text_content(Some(text));
    Some(element)
}
