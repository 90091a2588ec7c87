// What the tests of the simulator's views share: ways to go somewhere in it,
// and ways to see what it shows.

export const go = (page, hash) => page.evaluate((hash) => { location.hash = hash; }, hash);
export const button = (page, name) => page.getByRole("button", { name, exact: true });

// The state hash once nothing is under way.
export async function stateHash(page) {
  await page.locator("details.hash-line").first().evaluate((details) => { details.open = true; });
  await page.waitForFunction(() => /^[0-9a-f]{64}$/.test(document.querySelector(".state-hash")?.textContent ?? ""));
  return page.locator(".state-hash").innerText();
}

// Plays a scenario until nothing is ahead.
export async function toEnd(page, name) {
  await go(page, "#/sim");
  await page.locator(`[data-scenario="${name}"] button`).nth(1).click();
  await page.locator(".sim .seek button:disabled").waitFor({ timeout: 60_000 });
}

// Goes to a moment, in thousandths of what there is; 0 has nothing of a scenario but its scene.
export async function seek(page, thousandths) {
  await page.locator(".sim .seek input").evaluate((slider, thousandths) => {
    slider.value = String(thousandths);
    slider.dispatchEvent(new Event("change", { bubbles: true }));
  }, thousandths);
}

// Shows an entry happening, and goes back along the slider until a job's copy is under way; that job's page is open then.
export async function showCopy(page) {
  await page.locator(".show-me").click();
  await page.locator(".lesson").waitFor();
  await go(page, "#/sim/jobs");
  await page.locator("table.jobs tbody tr").first().getByRole("link").first().click();
  await page.locator(".job").waitFor();
  for (let moment = 500; moment > 0; moment -= 10) {
    const clock = await page.locator("output.clock").innerText();
    await seek(page, moment);
    await page.waitForFunction((clock) => document.querySelector("output.clock").textContent !== clock, clock).catch(() => undefined);
    const fates = await page.evaluate(() => ["sent", "to-go"].map((fate) => {
      const cell = document.querySelector(`.block-counts td[data-fate="${fate}"]`);
      return Number(cell?.textContent.replaceAll(/\D/g, "") ?? 0);
    }));
    if (fates.every((blocks) => blocks > 0)) return;
  }
  throw new Error("no moment of it shows a copy under way");
}
