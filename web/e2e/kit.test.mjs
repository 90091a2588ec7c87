// The controls as a person uses them, with keys alone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open } from "./browser.mjs";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

async function kit(options) {
  const view = await open(browser, options);
  await view.page.evaluate(() => { location.hash = "#/kit"; });
  await view.page.getByRole("grid").waitFor();
  return view;
}

// The page draws after a key, not during it.
const options = (page, count) => page.waitForFunction((count) => document.querySelectorAll("[role=option]").length === count, count);
const focused = (page) => page.evaluate(() => document.activeElement?.innerText ?? "");

test("the palette finds a command by a few letters, in both languages", async () => {
  const view = await open(browser);
  const { page } = view;
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Commands" }).waitFor();
  const all = await page.locator("#palette-list [role=option]").count();
  await page.keyboard.type("korean");
  await options(page, 1);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "VHD 들여다보기" }).waitFor();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("이동");
  await options(page, 4);
  for (let step = 0; step < 3; step += 1) await page.keyboard.press("ArrowDown");
  assert.equal(await page.locator("#palette-list [aria-selected=true]").innerText().then((words) => words.split("\n")[0]), "컨트롤로 이동");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "컨트롤", level: 1 }).waitFor();
  await page.keyboard.press("Control+k");
  await options(page, all);
  await page.keyboard.type("zzz");
  await page.getByText("그런 명령은 없습니다").waitFor();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await page.getByRole("combobox", { name: "명령" }).waitFor({ state: "hidden" });
  await view.close();
});

test("a hundred thousand rows are moved in, narrowed and opened, and few are drawn", async () => {
  const view = await kit();
  const { page } = view;
  const grid = page.getByRole("grid");
  assert.equal(await grid.getAttribute("aria-rowcount"), "100001");
  await grid.focus();
  await page.keyboard.press("End");
  await page.locator("#kit-jobs-row-99999").waitFor();
  assert.equal(await grid.getAttribute("aria-activedescendant"), "kit-jobs-row-99999");
  assert.ok(await page.locator(".grid-rows [role=row]").count() < 40);
  await page.keyboard.press("PageUp");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  const row = page.locator(".grid-rows [aria-selected=true]");
  assert.equal(await row.getAttribute("aria-rowindex"), "3");
  await page.keyboard.press("Enter");
  const drawer = page.getByRole("dialog", { name: "Job 1" });
  await drawer.waitFor();
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "hidden" });
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("role")), "grid");
  await page.getByLabel("Find").fill("99999");
  await page.waitForFunction(() => document.querySelector("[role=grid]").getAttribute("aria-rowcount") === "2");
  assert.match(await page.locator(".filter output").innerText(), /^1 of 100,000$/);
  assert.match(await page.locator(".grid-rows [role=row]").first().innerText(), /99,999/);
  await page.getByRole("search").getByRole("button", { name: "Clear" }).click();
  await page.getByLabel("Status").selectOption({ label: "Failed" });
  const states = await page.locator(".grid-rows .badge").allInnerTexts();
  assert.ok(states.length > 3 && states.every((state) => state === "Failed"), states.join());
  await view.close();
});

test("a wizard says what a step lacks, and goes on and back with the focus", async () => {
  const view = await kit();
  const { page } = view;
  const wizard = page.getByRole("region", { name: "Wizard" });
  await wizard.getByRole("button", { name: "Next" }).click();
  await wizard.getByRole("alert").getByText("Choose at least one machine first.").waitFor();
  await wizard.getByLabel("db01").check();
  assert.equal(await wizard.getByRole("alert").innerText(), "");
  await wizard.getByRole("button", { name: "Next" }).click();
  assert.match(await focused(page), /Choose a policy.*Step 2 of 3/);
  await wizard.getByRole("button", { name: "Next" }).click();
  await wizard.getByText("db01").last().waitFor();
  await wizard.getByRole("button", { name: "Back" }).click();
  await wizard.getByRole("button", { name: "Back" }).click();
  assert.ok(await wizard.getByLabel("db01").isChecked());
  for (let press = 0; press < 2; press += 1) await wizard.getByRole("button", { name: "Next" }).click();
  await wizard.getByRole("button", { name: "Protect" }).click();
  await page.locator(".toast").getByText("Done").waitFor();
  await view.close();
});

test("what went well leaves by itself, what went wrong stays until it is read", async () => {
  const view = await open(browser);
  const { page } = view;
  await page.clock.install();
  await page.evaluate(() => { location.hash = "#/kit"; });
  const card = page.locator("section.card").filter({ has: page.getByRole("heading", { name: "Message" }) });
  await card.getByRole("button", { name: "Good" }).click();
  await card.getByRole("button", { name: "Failed" }).click();
  assert.equal(await page.locator(".toast").count(), 2);
  await page.mouse.move(0, 0);
  await page.clock.runFor(9000);
  assert.deepEqual(await page.locator(".toast").evaluateAll((toasts) => toasts.map((toast) => toast.dataset.tone)), ["bad"]);
  await page.getByRole("button", { name: "Dismiss" }).click();
  assert.equal(await page.locator(".toast").count(), 0);
  for (let press = 0; press < 9; press += 1) await card.getByRole("button", { name: "Failed" }).click();
  assert.equal(await page.locator(".toast").count(), 4);
  await view.close();
});

test("a timeline is sought, zoomed and read with keys", async () => {
  const view = await kit();
  const { page } = view;
  const slider = page.getByRole("slider", { name: "Moment" });
  await slider.focus();
  const before = await slider.getAttribute("aria-valuetext");
  await page.keyboard.press("ArrowRight");
  assert.notEqual(await slider.getAttribute("aria-valuetext"), before);
  const seen = page.locator(".timeline .heat-foot output");
  const whole = await seen.innerText();
  await page.keyboard.press("+");
  assert.notEqual(await seen.innerText(), whole);
  await page.keyboard.press("0");
  assert.equal(await seen.innerText(), whole);
  await page.getByText("The timeline as a table").click();
  assert.equal(await page.locator(".timeline tbody tr").count(), 24);
  await view.close();
});

test("dialog and drawer hold the focus and give it back", async () => {
  const view = await kit();
  const { page } = view;
  for (const name of ["Dialog", "Drawer"]) {
    const opener = page.locator("main").getByRole("button", { name, exact: true });
    await opener.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name }).waitFor();
    for (let press = 0; press < 4; press += 1) await page.keyboard.press("Tab");
    assert.ok(await page.evaluate(() => !document.activeElement.closest("main > section, main > div > section") || document.activeElement.closest("dialog")));
    await page.keyboard.press("Escape");
    await page.getByRole("dialog", { name }).waitFor({ state: "hidden" });
    assert.equal(await focused(page), name);
  }
  await view.close();
});
