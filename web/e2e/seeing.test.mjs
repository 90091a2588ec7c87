// Timeline, topology, causes and job details: what they show is compared with
// the golden logs and the state, then the state is changed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, open, overWide, violations } from "./browser.mjs";
import { go, showCopy, toEnd } from "./sim.mjs";

const golden = (name) => readFileSync(new URL(`../../core/src/sim/golden/${name}.log`, import.meta.url), "utf8");
let browser;

before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const count = (text, pattern) => [...text.matchAll(pattern)].length;

// Whether a canvas shows more than one colour.
const isDrawn = (canvas) => canvas.evaluate((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set(new Uint32Array(data.buffer));
  return seen.size > 3;
});

const pixels = (canvas) => canvas.evaluate((canvas) => canvas.toDataURL());

test("the timeline's table has every job, point and alert of the golden log, and a brush narrows it", async () => {
  const view = await open(browser, { hash: "#/sim" });
  const { page } = view;
  await toEnd(page, "six-disks");
  await go(page, "#/sim/timeline");
  const canvas = page.locator(".swim canvas");
  await canvas.waitFor();
  assert.ok(await isDrawn(canvas));
  await page.locator(".swim details summary").click();
  const rows = page.locator("table.marks tbody tr");
  await rows.first().waitFor();
  const log = golden("six-disks");
  const kinds = await rows.evaluateAll((rows) => rows.map((row) => row.cells[1].textContent));
  const of = (kind) => kinds.filter((held) => held === kind).length;
  assert.equal(of("Job"), count(log, /job \d+ created/g) + count(log, /discovery found/g));
  assert.equal(of("Point"), count(log, /: point \d+ of/g));
  assert.equal(of("Alert"), count(log, /: alert about/g));
  // A brush over the last tenth leaves less.
  const box = await canvas.boundingBox();
  const window = await page.locator("output.window").innerText();
  await page.mouse.move(box.x + box.width * 0.9, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.98, box.y + 40, { steps: 4 });
  await page.mouse.up();
  await page.waitForFunction((window) => document.querySelector("output.window").textContent !== window, window);
  await page.waitForFunction((before) => document.querySelectorAll("table.marks tbody tr").length < before, kinds.length);
  await page.locator(".zoom-all").click();
  await page.waitForFunction((window) => document.querySelector("output.window").textContent === window, window);
  await view.close();
});

test("a click on the timeline goes to that moment", async () => {
  const view = await open(browser, { hash: "#/sim" });
  const { page } = view;
  await toEnd(page, "first-day");
  const end = await page.locator("output.clock").innerText();
  await go(page, "#/sim/timeline");
  const canvas = page.locator(".swim canvas");
  await canvas.waitFor();
  const before = await pixels(canvas);
  const box = await canvas.boundingBox();
  await page.mouse.click(box.x + box.width / 2, box.y + 45);
  await page.waitForFunction((end) => document.querySelector("output.clock").textContent < end, end);
  assert.notEqual(await pixels(canvas), before);
  await view.close();
});

test("the timeline works with keys: marks, lanes, why, and seeking", async () => {
  const view = await open(browser, { hash: "#/sim" });
  const { page } = view;
  await toEnd(page, "six-disks");
  await go(page, "#/sim/timeline");
  const canvas = page.locator(".swim canvas");
  await canvas.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await page.locator(".chosen .name", { hasText: "shop/web" }).waitFor();
  for (let step = 0; step < 3; step += 1) await page.keyboard.press("ArrowRight");
  const clock = await page.locator("output.clock").innerText();
  await page.keyboard.press("Enter");
  await page.waitForFunction((clock) => document.querySelector("output.clock").textContent !== clock, clock);
  await canvas.focus();
  await page.keyboard.press("w");
  await page.locator("dialog[open] .causes li").first().waitFor();
  await page.keyboard.press("Escape");
  await page.locator("dialog[open]").waitFor({ state: "detached" });
  await view.close();
});

test("a failed job says why, down to who closed the network, the entry and the remedy, in both languages", async () => {
  const view = await open(browser, { hash: "#/sim" });
  const { page } = view;
  await toEnd(page, "locked-network");
  await go(page, "#/sim/jobs/vault/2");
  await page.locator(".job .card-head .why").click();
  const drawer = page.locator("dialog[open]");
  await drawer.locator(".causes > li").first().waitFor();
  const log = golden("locked-network");
  assert.match(log, /job 2 FAILED BKP-10/);
  const steps = drawer.locator(".causes > li");
  assert.equal(await steps.count(), 3);
  assert.match(await steps.first().innerText(), /BKP-10/);
  assert.match(await drawer.locator(".deeds-behind").first().innerText(), /nsg:deny/);
  assert.match(await drawer.locator(".remedies").innerText(), /SNAP-02/);
  assert.match(await drawer.locator("pre").innerText(), /backup-now/);
  await page.keyboard.press("Escape");
  await page.getByLabel("Language").selectOption("ko");
  await page.locator(".job .card-head .why").click();
  await drawer.getByText("해결 방법").first().waitFor();
  await drawer.locator(".causes a").first().click();
  await page.locator(".entry").waitFor();
  assert.equal(await page.locator("dialog[open]").count(), 0);
  await view.close();
});

test("every event that is listed answers why, and a refusal says what would make it succeed", async () => {
  const view = await open(browser, { hash: "#/sim" });
  const { page } = view;
  await toEnd(page, "two-discoveries");
  await go(page, "#/sim/events");
  await page.getByLabel("Show every step").check();
  const buttons = page.locator("table.events .why");
  await buttons.nth(3).waitFor();
  const all = await buttons.count();
  assert.ok(all > 3);
  for (let place = 0; place < all; place += 1) {
    await buttons.nth(place).click();
    await page.locator("dialog[open] .causes > li").first().waitFor();
    assert.ok((await page.locator("dialog[open] pre").innerText()).length > 4, `event ${place} has no deed`);
    await page.keyboard.press("Escape");
    await page.locator("dialog[open]").waitFor({ state: "detached" });
  }
  const refusals = page.locator(".refusals tbody tr");
  assert.equal(await refusals.count(), count(golden("two-discoveries"), /^! /gm));
  await refusals.first().locator(".why").click();
  await page.locator("dialog[open]").getByText("What would make it succeed").waitFor();
  await view.close();
});

test("a job's page has its steps, blocks, limits, events and relatives, and they follow the copy", async () => {
  const view = await open(browser, { hash: "#/sim/trouble/BKP-13" });
  const { page } = view;
  await showCopy(page);
  await page.locator(".gantt tbody tr").first().waitFor();
  assert.match(await page.locator(".gantt").innerText(), /copy to the vault/);
  assert.ok((await page.locator(".bound").innerText()).length > 10);
  const cells = () => page.locator(".block-counts tbody tr").first().locator("td").allInnerTexts();
  const numbers = async () => (await cells()).map((cell) => Number(cell.replaceAll(/\D/g, "")));
  const [zero, same, known, sent, left] = await numbers();
  const whole = zero + same + known + sent + left;
  assert.ok(left > 0 && sent > 0 && whole === 47_683, `${[zero, same, known, sent, left]}`);
  assert.ok(await isDrawn(page.locator(".blocks canvas").first()));
  await page.getByRole("button", { name: "Play" }).click();
  await page.waitForFunction((left) => {
    const cell = document.querySelector('.block-counts td[data-fate="to-go"]');
    return cell && Number(cell.textContent.replaceAll(/\D/g, "")) < left;
  }, left);
  await page.getByRole("button", { name: "Pause" }).click();
  assert.equal((await numbers()).reduce((sum, count) => sum + count, 0), whole);
  await page.getByRole("button", { name: "Cancel the job" }).click();
  await page.getByRole("button", { name: "Next event" }).click();
  await page.locator(".job .card-head .badge", { hasText: "Cancelled" }).waitFor();
  assert.equal(await page.locator(".job-log tbody tr").first().innerText().then((text) => /cancelled/.test(text)), true);
  assert.ok(await page.locator(".related-list li").count() > 0);
  await view.close();
});

test("the topology shows a fault injected on each part, on the canvas and in the list, and mends it", async () => {
  const view = await open(browser, { hash: "#/sim" });
  const { page } = view;
  await toEnd(page, "first-day");
  await go(page, "#/sim/topology");
  const canvas = page.locator(".topology canvas");
  await canvas.waitFor();
  assert.ok(await isDrawn(canvas));
  const tried = [];
  for (const column of [0, 1, 2, 3, 4, 5]) {
    const part = page.locator(`.parts-list .part[data-part="${column}"]`).first();
    await part.click();
    const break_ = page.locator('.deeds-offered .deed[data-mends="false"]').first();
    await break_.waitFor();
    const offered = await page.locator(".deeds-offered .deed").count();
    const picture = await pixels(canvas);
    await break_.click();
    const mend = page.locator('.deeds-offered .deed[data-mends="true"]').first();
    await mend.waitFor();
    tried.push(offered);
    if (column !== 4 && column !== 3) await page.waitForFunction((before) => document.querySelector(".topology canvas").toDataURL() !== before, picture);
    await mend.click();
    await page.locator('.deeds-offered .deed[data-mends="true"]').first().waitFor({ state: "detached" });
  }
  assert.equal(tried.length, 6);
  // The agent's box on the canvas chooses the agent.
  const box = await canvas.boundingBox();
  await page.mouse.click(box.x + box.width * 1.5 / 6, box.y + 30 + 39);
  await page.locator(".inspector h2", { hasText: "Agent" }).waitFor();
  await page.locator('.part[data-part="1"][aria-pressed="true"]').first().waitFor();
  await view.close();
});

test("what flows moves with the simulated clock, and stands still where motion is unwanted", async () => {
  for (const motion of ["no-preference", "reduce"]) {
    const view = await open(browser, { hash: "#/sim/trouble/BKP-13", motion });
    const { page } = view;
    await showCopy(page);
    await go(page, "#/sim/topology");
    const canvas = page.locator(".topology canvas");
    await page.locator(".parts-list p.quiet").first().waitFor();
    // A second for each second: too little for a block to be through.
    await page.locator(".time select").selectOption("0");
    const clock = await page.locator("output.clock").innerText();
    const before = await pixels(canvas);
    await page.getByRole("button", { name: "Play" }).click();
    await page.waitForFunction((clock) => document.querySelector("output.clock").textContent !== clock, clock);
    await page.getByRole("button", { name: "Pause" }).click();
    const [later, same] = [await pixels(canvas), motion === "reduce"];
    assert.equal(later === before, same, motion);
    await view.close();
  }
});

for (const [lang, theme] of [["en", "light"], ["ko", "dark"], ["en", "contrast"], ["ko", "light"], ["en", "dark"], ["ko", "contrast"]]) {
  test(`axe has nothing to say about timeline, topology, causes and job details: ${lang}, ${theme}`, async () => {
    const view = await open(browser, { lang, theme, motion: "reduce", hash: "#/sim" });
    const { page } = view;
    const all = [];
    const look = async (name) => all.push(...(await violations(page)).map((words) => `${name}: ${words}`));
    await toEnd(page, "six-disks");
    for (const hash of ["#/sim/timeline", "#/sim/topology", "#/sim/jobs/vault/1", "#/sim/jobs/vault/4", "#/sim/events"]) {
      await go(page, hash);
      await page.locator(".sim h1").waitFor();
      if (hash.endsWith("timeline")) await page.locator(".swim details summary").click();
      if (hash.endsWith("topology")) await page.locator(".part").nth(1).click();
      await look(hash);
    }
    await page.locator("table.events .why").first().click();
    await page.locator("dialog[open] .causes > li").first().waitFor();
    await look("why");
    assert.deepEqual([...new Set(all)], []);
    await view.close();
  });
}

test("none of it is wider than the screen", async () => {
  for (const [width, lang] of [[390, "en"], [390, "ko"], [820, "ko"], [1440, "en"]]) {
    const view = await open(browser, { width, lang, hash: "#/sim" });
    await toEnd(view.page, "crowd");
    for (const hash of ["#/sim/timeline", "#/sim/topology", "#/sim/jobs/vault/12", "#/sim/events"]) {
      await go(view.page, hash);
      await view.page.locator(".sim h1").waitFor();
      const over = await overWide(view.page);
      assert.ok(over <= 0, `${hash} at ${width}, ${lang}: ${over} pixels too wide`);
    }
    await view.close();
  }
});
