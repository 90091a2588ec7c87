//! Tables of some rows, and pairs of name and value.

use leptos::prelude::*;
use vhault_web::text::Text;

use crate::page::settings::say;

/// A table with a caption and columns; numbers are set to the right.
#[component]
pub(crate) fn Table(
    /// What the table is about.
    caption: Text,
    /// The columns, and whether each holds numbers.
    columns: Vec<(Text, bool)>,
    /// The rows, a cell a column.
    rows: Vec<Vec<AnyView>>,
) -> impl IntoView {
    let numeric: Vec<bool> = columns.iter().map(|(_, is_number)| *is_number).collect();
    view! {
        <div class="table-frame" role="group" aria-label=say(caption) tabindex="0">
            <table>
                <caption>{say(caption)}</caption>
                <thead><tr>
                    {columns.into_iter().map(|(name, is_number)| view! {
                        <th scope="col" class:number=is_number>{say(name)}</th>
                    }).collect_view()}
                </tr></thead>
                <tbody>
                    {rows.into_iter().map(|row| view! {
                        <tr>{row.into_iter().zip(numeric.clone()).map(|(cell, is_number)| view! {
                            <td class:number=is_number>{cell}</td>
                        }).collect_view()}</tr>
                    }).collect_view()}
                </tbody>
            </table>
        </div>
    }
}

/// Names and values, one pair a line.
#[component]
pub(crate) fn Pairs(pairs: Vec<(Text, AnyView)>) -> impl IntoView {
    view! {
        <dl class="pairs">
            {pairs.into_iter().map(|(name, value)| view! {
                <div><dt>{say(name)}</dt><dd>{value}</dd></div>
            }).collect_view()}
        </dl>
    }
}
