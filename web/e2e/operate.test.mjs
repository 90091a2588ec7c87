// The views in which a person does something: what they show is taken from
// the engine's own state, and then that state is changed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { choose, launch, open, overWide, violations } from "./browser.mjs";
import { button, go, seek, stateHash, toEnd } from "./sim.mjs";
import { sealed } from "./vhd.mjs";

let browser;
let folder;

before(async () => {
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), "vhault-operate-"));
});
after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true });
});

async function step(page) { await button(page, "Next").click(); }

// Lets time pass, event by event, until `found` is there.
async function until(page, found, most = 120) {
  for (let events = 0; events < most; events += 1) {
    if (await found.count() > 0) return;
    await button(page, "Next event").click();
    await page.waitForFunction(() => document.querySelector(".play")?.textContent.trim() === "Play");
  }
  assert.fail("it did not happen");
}

test("the tour is taken by its own buttons, in either language, and ends whole", async () => {
  for (const lang of ["en", "ko"]) {
    const view = await open(browser, { lang, hash: "#/sim" });
    const { page } = view;
    await page.locator(".begin-tour").click();
    for (const stop of ["Protect", "FirstPoint", "Attach", "TimeOut", "Understand", "Cure", "Healed"]) {
      await page.locator(`.tour[data-stop="${stop}"]`).waitFor();
      assert.equal(await page.locator(".tour-next").isDisabled(), true, `${stop} is reached before it is begun`);
      await page.locator(".tour-help").click();
      await page.locator(".tour-next:not(:disabled)").waitFor({ timeout: 30_000 });
      if (stop === "Understand") assert.match(await page.locator(".sim h1").innerText(), /BKP-04/);
      await page.locator(".tour-next").click();
    }
    await page.locator('.tour[data-stop="Over"]').waitFor();
    await page.locator(".tour .tour-leave").last().click();
    assert.equal(await page.locator(".tour").count(), 0);
    await go(page, "#/sim/points");
    await page.locator("table.points tbody tr").nth(1).waitFor();
    await view.close();
  }
});

// A scene without what its scenario does later: a policy of one's own parts the futures.
async function sceneWithPolicy(page, name, policy) {
  await toEnd(page, name);
  await seek(page, 0);
  await go(page, "#/sim/policies");
  await button(page, "A new policy").click();
  await page.locator(".editor").getByLabel("Policy", { exact: true }).fill(policy);
  await page.locator(".editor").getByLabel("Keep for days").fill("7");
  await page.locator(".save-policy").click();
  await page.locator(`tr[data-policy="${policy}"]`).waitFor();
  assert.equal(await page.locator(".sim .seek button").isDisabled(), true, "nothing is ahead");
}

async function chooseAll(page) { await button(page, "Choose all").click(); }

test("the whole life of 2015: discover, register, protect, a night, a restore, an end", async () => {
  const view = await open(browser, { hash: "#/sim" });
  const { page } = view;
  await sceneWithPolicy(page, "first-day", "own");
  // A search is under way: another one is refused, and the button says so.
  await go(page, "#/sim/discover");
  await page.locator(".search-vault").getByText("Searching until").waitFor();
  assert.equal(await button(page, "Discover").isDisabled(), true);
  await page.locator(".search-vault .why", { hasText: "DISC-07" }).waitFor();
  await until(page, page.locator(".search-vault").getByText("Last found at"));
  await chooseAll(page);
  await button(page, "Register").click();
  await until(page, page.locator('tr[data-item="shop/db"]').getByText("Registered", { exact: true }));
  await until(page, page.locator('tr[data-item="shop/web"]').getByText("Registered", { exact: true }));
  await button(page, "Protect what is chosen…").click();
  await step(page);
  await page.locator(".which-policy").selectOption("own");
  await step(page);
  await page.locator(".sheet").nth(1).waitFor();
  await step(page);
  await button(page, "Protect").click();
  const db = page.locator('table.items tr[data-item="shop/db"]');
  await until(page, db.getByText("In time"), 200);
  await until(page, page.locator('table.items tr[data-item="shop/web"]').getByText("In time"), 200);
  // In 2015 a restore makes a machine, never disks alone.
  await go(page, "#/sim/restore/vault/1");
  await step(page);
  assert.equal(await page.getByLabel("Disks only, by a script").isDisabled(), true);
  await step(page);
  await step(page);
  await step(page);
  await button(page, "Restore").click();
  await until(page, page.locator('.restored .state[data-tone="good"]'));
  await go(page, "#/sim/items");
  await chooseAll(page);
  await button(page, "Stop, keep the points").click();
  await until(page, db.getByText("Stopped, points kept"));
  await button(page, "Another policy, or protect again…").click();
  await step(page);
  await page.locator(".which-policy").selectOption("own");
  await step(page);
  await step(page);
  await button(page, "Protect").click();
  await until(page, db.getByText("Protected", { exact: true }));
  await view.close();
});

test("the whole life of 2016: a backup by hand, cancelled, again, disks restored, data deleted", async () => {
  const view = await open(browser, { hash: "#/sim" });
  const { page } = view;
  await toEnd(page, "restore-maze");
  await go(page, "#/sim/items");
  const web = page.locator('table.items tr[data-item="shop/web"]');
  await web.locator("input").check();
  await button(page, "Back up now").click();
  await page.locator("[role=status]").getByText("accepted").waitFor();
  // A second one meets the first, and the reason stands there before it is asked.
  await page.locator(".reasons").getByText("BKP-08").waitFor();
  await go(page, "#/sim/jobs");
  await page.locator("table.jobs tbody tr").first().getByRole("link").first().click();
  await page.locator(".job").waitFor();
  await button(page, "Next event").click();
  await button(page, "Cancel the job").click();
  await until(page, page.locator(".job .card-head .badge", { hasText: "Cancelled" }));
  await go(page, "#/sim/items");
  await web.locator("input").check();
  await button(page, "Back up now").click();
  const points = () => web.locator("td").nth(6).innerText().then(Number);
  const before = await points();
  for (let events = 0; events < 60 && (await points()) === before; events += 1) {
    await button(page, "Next event").click();
    await page.waitForFunction(() => document.querySelector(".play")?.textContent.trim() === "Play");
  }
  assert.equal(await points(), before + 1);
  await go(page, "#/sim/restore");
  await page.locator(".which-point").selectOption({ index: 1 });
  await step(page);
  await page.getByLabel("Disks only, by a script").check();
  await step(page);
  await step(page);
  await step(page);
  await button(page, "Restore").click();
  await until(page, page.locator('.restored').first().locator('.state[data-tone="info"]'));
  await go(page, "#/sim/items");
  await web.locator("input").check();
  await button(page, "Stop, delete the points").click();
  await until(page, web.getByText("Not protected"));
  await go(page, "#/sim/storage");
  assert.equal(await page.locator('[data-tile="points"] strong').innerText(), "0");
  await view.close();
});

test("machines are registered and protected by the wizard, which keeps what was filled in", async () => {
  const view = await open(browser, { hash: "#/sim" });
  const { page } = view;
  await page.locator(".begin-tour").click();
  await page.locator(".tour-leave").click();
  await go(page, "#/sim/registered");
  await page.locator('table.registered tr[data-item="shop/db"]').waitFor();
  await go(page, "#/sim/protect");
  await step(page);
  await page.locator(".wizard [role=alert]").getByText("Choose at least one machine.").waitFor();
  await page.getByLabel("shop/db").check();
  await step(page);
  await page.locator(".which-policy").selectOption("");
  await page.getByLabel("Policy", { exact: true }).last().fill("evening");
  await page.getByLabel("Time of day").fill("20:30");
  await page.getByLabel("Keep for days").fill("14");
  await page.locator(".preview .runs li").nth(9).waitFor();
  assert.match(await page.locator(".preview .runs li").first().innerText(), / 20:30:00$/);
  assert.match(await page.locator(".after-a-year").innerText(), /^14 points/);
  // Abandoned, and taken up again: step and words are there.
  await go(page, "#/sim/dashboard");
  await page.locator(".vault").waitFor();
  await go(page, "#/sim/protect");
  assert.equal(await page.getByLabel("Time of day").inputValue(), "20:30");
  assert.equal(await page.getByLabel("Keep for days").inputValue(), "14");
  // The rules of 2015 keep 30 days at most, and say so.
  await page.getByLabel("Keep for days").fill("99");
  await step(page);
  await page.locator(".wizard [role=alert]").getByText("POL-01").waitFor();
  await page.getByLabel("Keep for days").fill("14");
  await step(page);
  await page.locator('.sheet[data-machine="shop/db"] .checks li').nth(8).waitFor();
  assert.equal(await page.locator('.sheet .checks li[data-tone="bad"]').count(), 0);
  await step(page);
  assert.match(await page.locator(".review pre").innerText(), /vhault policy set vault evening --daily 20:30 --keep-daily 14\nvhault protect vault --vm db --policy evening DISK\.vhd/);
  await button(page, "Protect").click();
  const row = page.locator('table.items tr[data-item="shop/db"]');
  await row.getByText("Configuring").waitFor();
  await until(page, row.getByText("pending initial backup"));
  await until(page, row.locator("td", { hasText: "In time" }), 200);
  await view.close();
});

test("a check fails where the engine would, and passes once it is mended", async () => {
  const view = await open(browser, { hash: "#/sim/trouble/BKP-07" });
  const { page } = view;
  await page.locator(".show-me").first().click();
  await page.locator('.lesson-state[data-state="raised"]').waitFor();
  const machine = async () => {
    await go(page, "#/sim/discover");
    await page.locator("table.machines tbody tr").first().locator("input").check();
    await button(page, "Protect what is chosen…").click();
    await step(page);
    await step(page);
    await page.locator(".sheet .checks li").first().waitFor();
    return page.locator('.sheet .checks li[data-tone="bad"]').count();
  };
  assert.ok(await machine() > 0);
  assert.equal(await page.locator('.sheet .checks li[data-id="BKP-07"]').count(), 1);
  await go(page, "#/sim/trouble/BKP-07");
  await page.locator(".apply").click();
  await page.locator('.lesson-state[data-state="cured"]').waitFor();
  await go(page, "#/sim/protect");
  await page.locator(".sheet .checks li").first().waitFor();
  assert.equal(await page.locator('.sheet .checks li[data-id="BKP-07"]').count(), 0);
  await view.close();
});

test("an edit of a policy tells what goes, and then it goes", async () => {
  const view = await open(browser, { hash: "#/sim" });
  const { page } = view;
  await toEnd(page, "retention");
  await go(page, "#/sim/points");
  const rows = page.locator("table.points tbody tr");
  await rows.first().waitFor();
  const before = await page.locator("output", { hasText: " of " }).last().innerText();
  await go(page, "#/sim/policies");
  await page.locator(".edit").first().click();
  await page.locator(".editor").waitFor();
  const count = (mark) => page.locator(`[data-count="${mark}"]`).innerText().then(Number);
  assert.equal(await count("lost"), 0);
  await page.locator(".editor").getByLabel("Keep for days").fill("2");
  await page.waitForFunction(() => Number(document.querySelector('[data-count="lost"]')?.textContent) > 0);
  const going = await page.locator(".going li").count();
  assert.ok(going > 0);
  assert.match(await page.locator(".effect").innerText(), new RegExp(`^${going} points would go`));
  await page.locator(".save-policy").click();
  await page.locator(".editor").waitFor({ state: "hidden" });
  await button(page, "Next expiry").click();
  await page.waitForFunction(() => document.querySelector(".play")?.textContent.trim() === "Play");
  await go(page, "#/sim/points");
  const total = (words) => Number(words.split(" of ")[1]);
  await page.waitForFunction(([going, before]) => {
    const all = [...document.querySelectorAll("output")].map((output) => output.textContent).filter((words) => / of /.test(words));
    return all.some((words) => Number(words.split(" of ")[1]) <= before - going + 1);
  }, [going, total(before)]);
  await view.close();
});

test("a point is restored by the wizard and proven by equal hashes", async () => {
  const view = await open(browser, { hash: "#/sim" });
  const { page } = view;
  await toEnd(page, "restore-maze");
  await go(page, "#/sim/points");
  await page.locator(".calendar .day").first().click();
  await page.locator("table.points tbody tr a.button").first().click();
  await page.locator(".which-point").waitFor();
  await step(page);
  assert.equal(await page.getByLabel("Name of the machine").inputValue(), "web-restored");
  await page.getByLabel("Storage account").selectOption("faraway");
  await step(page);
  await step(page);
  await page.locator('.checks li[data-id="RST-09"][data-tone="bad"]').waitFor();
  await step(page);
  await page.locator(".wizard [role=alert]").getByText("RST-09").waitFor();
  await button(page, "Back").click();
  await button(page, "Back").click();
  await page.getByLabel("Storage account").selectOption("restored");
  await step(page);
  await step(page);
  await page.getByText("Nothing stands against it.").waitFor();
  await step(page);
  assert.match(await page.locator(".review pre").innerText(), /^vhault restore vault POINT --format fixed --out OUT\.vhd$/);
  await button(page, "Restore").click();
  await until(page, page.locator('.restored .state[data-tone="good"]'));
  const cells = page.locator('.restored tr[data-same="true"] code');
  assert.equal(await cells.nth(0).innerText(), await cells.nth(1).innerText());
  await view.close();
});

test("storage counts what the points hold, and the audit has every refusal", async () => {
  const view = await open(browser, { hash: "#/sim" });
  const { page } = view;
  await toEnd(page, "first-day");
  await go(page, "#/sim/storage");
  assert.equal(await page.locator('[data-tile="points"] strong').innerText(), "2");
  await page.locator("table.alone tbody tr").nth(1).waitFor();
  await page.locator(".growth svg polyline[points]").waitFor();
  await go(page, "#/sim/items");
  await page.locator('tr[data-item="shop/web"] input').check();
  // Back up now rests, and says why.
  assert.equal(await button(page, "Back up now").isDisabled(), true);
  await page.locator(".reasons").getByText("PROT-09").waitFor();
  await button(page, "Stop, delete the points").click();
  await page.locator(".same-line pre", { hasText: "vhault stop vault --vm web --delete-data" }).waitFor();
  await until(page, page.locator('tr[data-item="shop/web"]').getByText("Not protected"));
  await go(page, "#/sim/storage");
  await page.waitForFunction(() => document.querySelector('[data-tile="points"] strong')?.textContent === "1");
  await go(page, "#/sim/audit");
  await page.locator("table.audit tbody tr").first().waitFor();
  assert.match(await page.locator("table.audit").innerText(), /shop\/web/);
  await page.getByLabel("Asked by").selectOption("schedule");
  await page.waitForFunction(() => [...document.querySelectorAll("table.audit tbody tr")].every((row) => /the schedule/.test(row.innerText)));
  await view.close();
});

test("the rules are switched, and what they hold against items is told first", async () => {
  const view = await open(browser, { hash: "#/sim" });
  const { page } = view;
  await toEnd(page, "first-day");
  await go(page, "#/sim/rules");
  await page.locator('.in-force[data-profile="classic-2015"], .in-force').first().waitFor();
  const differing = await page.locator("table.parameters tbody tr").count();
  assert.equal(differing, 20);
  await page.getByLabel("Also what is the same in both").check();
  await page.waitForFunction(() => document.querySelectorAll("table.parameters tbody tr").length > 40);
  const before = await page.locator(".in-force").getAttribute("data-profile");
  await page.locator(".in-force .notice").waitFor();
  await button(page, "Switch to the other rules").click();
  await page.waitForFunction((before) => document.querySelector(".in-force")?.dataset.profile !== before, before);
  // Now there is a backup by hand.
  await go(page, "#/sim/items");
  await page.locator('tr[data-item="shop/web"] input').check();
  await button(page, "Back up now").click();
  await page.locator("[role=status]").getByText("accepted").waitFor();
  await view.close();
});

test("the page tests itself: every scenario ends in its known state", async () => {
  const view = await open(browser, { hash: "#/sim/settings" });
  const { page } = view;
  await button(page, "Run the test").click();
  await page.locator('.test-verdict[data-tone="good"]').waitFor({ timeout: 120_000 });
  assert.match(await page.locator(".test-verdict").innerText(), /^18 of 18/);
  await page.getByLabel("dense").check();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.density), "dense");
  await page.reload();
  await page.locator(".sim h1").waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.density), "dense");
  await view.close();
});

test("keys and the palette do what buttons do", async () => {
  const view = await open(browser, { hash: "#/sim" });
  const { page } = view;
  await toEnd(page, "first-day");
  const hash = await stateHash(page);
  const moves = async (key, from) => {
    await page.locator("main").focus();
    await page.keyboard.press(key);
    await page.waitForFunction((from) => {
      const now = document.querySelector(".state-hash")?.textContent ?? "";
      return /^[0-9a-f]{64}$/.test(now) && now !== from;
    }, from);
    return stateHash(page);
  };
  const back = await moves(",", hash);
  assert.notEqual(await moves(".", back), back);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("go to storage");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.hash === "#/sim/storage");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("scenario first day");
  await page.locator("[role=option]").first().waitFor();
  await page.keyboard.press("Escape");
  await page.locator("main").focus();
  await page.keyboard.press("p");
  await page.waitForFunction(() => location.hash === "#/sim/protect");
  await view.close();
});

test("disks that were looked into become a machine, and the job that is predicted and done is theirs", async () => {
  const view = await open(browser);
  const { page } = view;
  const path = join(folder, "mine.vhd");
  const [held, size] = [24 << 20, 64 << 20];
  writeFileSync(path, Buffer.concat([randomBytes(held), Buffer.alloc(size - held), sealed(BigInt(size))]));
  await choose(page, [path]);
  // Its tables say that all of a fixed disk is there; reading says how much is.
  const row = page.locator(".yours tbody tr");
  assert.match(await row.innerText(), /mine\.vhd\s+64 MiB\s+64 MiB\s+not read/);
  await page.getByRole("tab", { name: "Content" }).click();
  await page.getByRole("button", { name: "Start reading" }).click();
  await page.locator("code.hash").waitFor({ timeout: 60_000 });
  await row.getByText("24 MiB").waitFor();
  await page.locator(".yours a.primary").click();
  const item = page.locator('table.items tr[data-item="yours/machine"]');
  await item.waitFor({ timeout: 60_000 });
  assert.match(await item.locator(".expected").innerText(), /^24 MiB to send, about /);
  await until(page, item.locator("td", { hasText: "In time" }), 60);
  await go(page, "#/sim/points");
  await page.locator("table.points tbody tr").first().getByText("24 MiB").first().waitFor();
  // An address that tells of nothing is a message.
  await go(page, "#/sim/yours/AAAAgarbage");
  await page.locator(".toast[data-tone=bad]").getByText("The link cannot be opened").waitFor();
  await view.close();
});

test("what is told for the command line is what the program takes", async (context) => {
  const program = process.env.VHAULT_BIN;
  if (!program || !existsSync(program)) {
    context.diagnostic("NOT TESTED: VHAULT_BIN is not set");
    return;
  }
  const lines = [
    "vhault policy set vault evening --daily 20:30 --keep-daily 14",
    "vhault policy set vault weekend --weekly saturday,sunday@22:00 --keep-weekly 8 --utc-offset +09:00 --copy-window 240m",
    "vhault policy delete vault evening",
    "vhault protect vault --vm db --policy evening DISK.vhd",
    "vhault backup vault --vm db DISK.vhd",
    "vhault cancel vault 7",
    "vhault stop vault --vm web --delete-data",
    "vhault stop vault --vm web --retain-data",
    "vhault restore vault POINT --format fixed --out OUT.vhd",
    "vhault restore vault latest:web --format fixed --out OUT.vhd",
    "vhault run vault --due",
  ];
  for (const line of lines) {
    // There is no such vault: whatever it says, it is not that the line is wrong.
    const said = spawnSync(program, line.split(" ").slice(1), { cwd: folder, encoding: "utf8" });
    assert.notEqual(said.status, 2, `${line}: ${said.stderr}`);
    assert.notEqual(said.status, 0, line);
  }
});

const VIEWS = ["#/sim", "#/sim/discover", "#/sim/registered", "#/sim/items", "#/sim/protect", "#/sim/policies", "#/sim/points", "#/sim/restore/vault/1", "#/sim/storage", "#/sim/audit", "#/sim/rules", "#/sim/settings"];

for (const [lang, theme] of [["en", "light"], ["ko", "dark"], ["en", "contrast"], ["ko", "light"], ["en", "dark"], ["ko", "contrast"]]) {
  test(`axe has nothing to say where something is done: ${lang}, ${theme}`, async () => {
    const view = await open(browser, { lang, theme, motion: "reduce", hash: "#/sim" });
    const { page } = view;
    const all = [];
    const look = async () => {
      for (const hash of VIEWS) {
        await go(page, hash);
        await page.locator(".sim h1").waitFor();
        all.push(...(await violations(page)).map((words) => `${hash}: ${words}`));
      }
    };
    await page.locator(".begin-tour").click();
    await look();
    await toEnd(page, "restore-maze");
    await go(page, "#/sim/policies");
    await page.locator(".edit").first().click();
    await look();
    assert.deepEqual([...new Set(all)], []);
    await view.close();
  });
}

test("nothing of these views is wider than the screen", async () => {
  for (const width of [390, 820, 1440]) {
    for (const lang of ["en", "ko"]) {
      const view = await open(browser, { width, lang, hash: "#/sim" });
      await toEnd(view.page, "restore-maze");
      for (const hash of VIEWS) {
        await go(view.page, hash);
        await view.page.locator(".sim h1").waitFor();
        const over = await overWide(view.page);
        assert.ok(over <= 0, `${hash} at ${width}, ${lang}: ${over} pixels too wide`);
      }
      await view.close();
    }
  }
});
