//! Pen: drawing on a canvas of its element's size, in the theme's colours.

use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, CssStyleDeclaration, HtmlCanvasElement};

/// A cleared canvas, measured as the page measures.
pub(crate) struct Pen {
    context: CanvasRenderingContext2d,
    style: CssStyleDeclaration,
    family: String,
    /// How wide it is.
    pub(crate) width: f64,
    /// How high it is.
    pub(crate) height: f64,
}

impl Pen {
    /// Takes up a canvas; none where the browser has no drawing.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "pixels of a screen, cut to what a canvas may have"
    )]
    pub(crate) fn of(canvas: &HtmlCanvasElement) -> Option<Pen> {
        let window = web_sys::window()?;
        let ratio = window.device_pixel_ratio().clamp(1.0, 3.0);
        let (width, height) = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
        let (wide, high) = ((width * ratio).min(8_192.0) as u32, (height * ratio).min(8_192.0) as u32);
        // Setting the size clears too, and costs more.
        if canvas.width() != wide || canvas.height() != high {
            canvas.set_width(wide);
            canvas.set_height(high);
        }
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        let style = window.get_computed_style(canvas).ok()??;
        context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0).ok()?;
        context.clear_rect(0.0, 0.0, width, height);
        let family = style.get_property_value("font-family").unwrap_or_default();
        Some(Pen { context, style, family, width, height })
    }

    /// Chooses a colour of the theme.
    pub(crate) fn colour(&self, name: &str) {
        let colour = self.style.get_property_value(&format!("--{name}")).unwrap_or_default();
        self.context.set_fill_style_str(colour.trim());
        self.context.set_stroke_style_str(colour.trim());
    }

    /// How much shows through what is drawn next, from 0 to 1.
    pub(crate) fn solid(&self, share: f64) {
        self.context.set_global_alpha(share);
    }

    /// A filled box.
    pub(crate) fn fill(&self, x: f64, y: f64, width: f64, height: f64) {
        self.context.fill_rect(x, y, width, height);
    }

    /// The edge of a box.
    pub(crate) fn edge(&self, x: f64, y: f64, width: f64, height: f64, thick: f64) {
        self.context.set_line_width(thick);
        self.context.stroke_rect(x, y, width, height);
    }

    /// A line.
    pub(crate) fn line(&self, from: (f64, f64), to: (f64, f64), thick: f64) {
        self.context.set_line_width(thick);
        self.context.begin_path();
        self.context.move_to(from.0, from.1);
        self.context.line_to(to.0, to.1);
        self.context.stroke();
    }

    /// A filled shape of corners.
    pub(crate) fn shape(&self, corners: &[(f64, f64)]) {
        self.context.begin_path();
        for (x, y) in corners {
            self.context.line_to(*x, *y);
        }
        self.context.close_path();
        self.context.fill();
    }

    /// A filled circle.
    pub(crate) fn dot(&self, x: f64, y: f64, radius: f64) {
        self.context.begin_path();
        // A radius above zero is never refused.
        let _ = self.context.arc(x, y, radius, 0.0, std::f64::consts::TAU);
        self.context.fill();
    }

    /// Words from the left, cut to `width`.
    pub(crate) fn words(&self, words: &str, x: f64, y: f64, width: f64, pixels: u32) {
        self.context.set_font(&format!("{pixels}px {}", self.family));
        self.context.set_text_baseline("middle");
        let cut = fitting(words, width / f64::from(pixels));
        // Words that cannot be drawn stand in the twin.
        let _ = self.context.fill_text(&cut, x, y);
    }
}

/// As many words as fit, by what letters take of their height: measuring them
/// on the canvas for every frame would cost more than drawing them.
fn fitting(words: &str, width: f64) -> String {
    let takes = |letter: char| if letter.is_ascii() { 0.58 } else { 1.0 };
    if words.chars().map(takes).sum::<f64>() <= width {
        return words.to_owned();
    }
    let mut left = width - 1.0;
    let mut cut: String = words
        .chars()
        .take_while(|letter| {
            left -= takes(*letter);
            left >= 0.0
        })
        .collect();
    cut.push('…');
    cut
}
