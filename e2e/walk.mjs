// What a client does, step by step, from the first page to the closing notice. `mark` is where pictures are taken.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { face, tiyn } from "./reader.mjs";

export const SUBMIT = "main form button:not([type=button], .link, .plain)";
const nobody = async () => {};

/** Moves amount and term, compares both schedules, and wants the credit. */
export async function choose(reader, mark = nobody) {
  const { page } = reader;
  await reader.visit("/");
  if (reader.scripts) {
    await page.locator("#amount-slider").fill("60000");
    await page.locator("#term-slider").fill("3");
    await page.waitForURL(/amount=60.*term=3/);
    await reader.look();
  } else {
    await reader.type({ amount: "60 000", term: "3" });
    await reader.press("form[data-quote] button");
  }
  const [annuity, falling] = [await plan(reader, 0), await plan(reader, 1)];
  assert.equal(annuity.payments.length, 3);
  assert.ok(Math.abs(annuity.payments[0] - annuity.payments[1]) <= 1, "equal payments are equal");
  assert.ok(falling.payments[0] > falling.payments[1], "falling payments fall");
  assert.ok(falling.payments.reduce(add) < annuity.payments.reduce(add), "and cost less");
  assert.ok((await reader.sums("#result")).includes(annuity.payments.reduce(add)), "the result tells the same");
  await mark("quote");
  await reader.press("#result a.button");
}

const add = (a, b) => a + b;

async function plan(reader, at) {
  const cells = reader.page.locator("#plans > .pair > *").nth(at).locator("tbody td:nth-child(2)");
  return { payments: (await cells.allInnerTexts()).map((sum) => tiyn(reader.lang, sum.replaceAll("\u00a0", " "))) };
}

/** From the sign-in page, as somebody new: data and consents, code, photo. */
export async function register(reader, mark = nobody, camera = false) {
  await mark("sign-in");
  await reader.press("main a[href='/register']");
  await fillRegistration(reader);
  await mark("register");
  await reader.press(SUBMIT);
  await reader.type({ code: await reader.code() });
  await reader.press(SUBMIT);
  await mark("photo");
  await showFace(reader, camera);
}

export async function fillRegistration(reader, different = {}) {
  const { lang, iban, codes, ...fields } = { ...reader.person, ...different };
  await reader.type(fields);
  for (const consent of ["personal_data", "electronic"]) await reader.page.locator(`#${consent}`).check();
}

export async function showFace(reader, camera = false) {
  if (camera) {
    const buttons = reader.page.locator("[data-camera] button");
    if (await reader.page.locator("[data-guided]").count()) {
      const arrived = reader.page.waitForNavigation({ timeout: 70_000 });
      await buttons.nth(0).click();
      await reader.look(await arrived, 200);
      return;
    }
    await buttons.nth(0).click();
    await buttons.nth(1).click();
    await reader.page.locator("[data-camera] img").waitFor();
    await reader.look();
  } else {
    await reader.page.locator("#photo").setInputFiles({ name: "face.jpg", mimeType: "image/jpeg", buffer: face() });
  }
  await reader.press(SUBMIT);
}

/** From the filled-in first part of the form to the decision. */
export async function apply(reader, mark = nobody) {
  await fillApplication(reader);
  await reader.press(SUBMIT);
  await reader.press(SUBMIT);
  await reader.until("#progress a[href$='/sign']");
  await mark("application");
}

export async function fillApplication(reader, method = "annuity") {
  await reader.page.locator(`[name=method][value=${method}]`).check();
  await reader.page.locator("[name=purpose]").selectOption("household");
  await reader.type({ income: "450000", iban: reader.person.iban });
  await reader.page.locator("#consent").check();
}

/** Reads, acknowledges, and signs by face, password and code. Gives the agreement's number. */
export async function sign(reader, mark = nobody, camera = false) {
  const { page, person } = reader;
  await reader.press("#progress a[href$='/sign']");
  const number = (await reader.text("main h2")).match(/\S*\d\S*/)[0];
  const agreement = pdfText(await reader.download("a[href$='agreement.pdf']"));
  if (agreement) {
    const said = agreement.replace(/\s+/g, "");
    for (const word of [number, "микрокредит", "шарт", "договор"]) {
      assert.ok(said.includes(word.replace(/\s+/g, "")), `the agreement lacks ${word}`);
    }
  }
  for (const what of ["lending_rules", "full_cost", "rights_and_duties"]) await page.locator(`#${what}`).check();
  await mark("signing");
  await reader.press(SUBMIT);
  await showFace(reader, camera);
  await reader.press("main form[action$='/code/send'] button");
  await reader.type({ password: person.password, code: await reader.code() });
  await reader.press(SUBMIT);
  await reader.press("main form[action$='/confirm'] button");
  await reader.until("main a[href$='/early']"); // all of the page follows the payout, not its head alone
  return number;
}

/** Signs in at the page that asks for it. */
export async function signIn(reader, status = 200, password = reader.person.password) {
  await reader.type({ name: reader.person.iin, password });
  await reader.press(SUBMIT, status);
}

/** The text of a PDF, where the machine can tell. */
export function pdfText(pdf) {
  assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
  const run = spawnSync("pdftotext", ["-", "-"], { input: pdf, encoding: "utf8" });
  return run.error ? undefined : run.stdout;
}

/** Pays through the simulated bank's page. */
export async function pay(reader, number, amount_tiyn) {
  const back = reader.page.url();
  await reader.visit(`${reader.demo.world}/bank`);
  await reader.type({ agreement: number, amount: (amount_tiyn / 100).toFixed(2) });
  await reader.press("main form button");
  await reader.visit(new URL(back).pathname);
}

/** Moves the demonstration's clock on by the simulated world's page. */
export async function moveTo(reader, date) {
  const back = reader.page.url();
  await reader.visit(`${reader.demo.world}/clock`);
  await reader.type({ to: date });
  await reader.press("main form:last-of-type button");
  await reader.visit(new URL(back).pathname);
}

/** `days` after a date. */
export function after(date, days) {
  return new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Lives the whole loan: one payment in time, one late, the rest early. */
export async function repay(reader, number, mark = nobody) {
  const { page, lang } = reader;
  assert.deepEqual((await reader.sums("#loan"))[0], 6_000_000, "all of it is owed on the first day");
  await mark("loan");

  const [first, second] = await page.locator("table tbody tr td:first-child time").evaluateAll(datesOf);
  await moveTo(reader, first);
  await pay(reader, number, await nextSum(reader));
  await reader.until("tr.paid", { reload: true });

  await moveTo(reader, after(second, 10));
  await reader.until("#loan .warning", { reload: true });
  await reader.message("overdue");
  const [overdue] = await reader.sums("#loan .warning");
  const penalty = (await reader.sums("#loan .facts")).at(-1);
  assert.ok(overdue > 0 && penalty > 0, "being late is shown, with what it costs");
  assert.equal(await page.locator("tr.late").count(), 1);
  await mark("loan-overdue");
  await pay(reader, number, overdue);
  await reader.until("tr.paid >> nth=1", { reload: true });
  assert.equal(await page.locator("#loan .warning").count(), 0);

  const loan = new URL(page.url()).pathname;
  await reader.press("main a[href$='/early']");
  const [whole] = await reader.sums("main .big");
  await pay(reader, number, whole);
  await reader.visit(loan);
  await reader.until("#loan .told strong", { reload: true });
  assert.equal(await page.locator("tr.late").count(), 0);
  await reader.until("a[href*='/documents/closing']", { reload: true });
  for (const [paid, ...parts] of await payments(reader)) assert.equal(parts.reduce(add), paid, "a payment is what it went to");
  for (const paper of await page.locator("a[href*='/documents/']").all()) {
    assert.ok((pdfText(await reader.download(paper)) ?? number).replace(/\s+/g, "").includes(number));
  }
  await mark("closed");
  await reader.visit("/account");
  await mark("account");
}

/** From the first page to the closing notice. */
export async function wholeCredit(reader, { camera = false } = {}) {
  await choose(reader);
  await register(reader, nobody, camera);
  await apply(reader);
  await repay(reader, await sign(reader, nobody, camera));
  for (const key of ["registered", "approved", "paid-out", "repaid", "closed"]) await reader.message(key);
}

const datesOf = (all) => all.map((time) => time.dateTime);

async function payments(reader) {
  const rows = reader.page.locator("main table").nth(1).locator("tbody tr");
  const cells = await rows.evaluateAll((all) => all.map((row) => [...row.cells].slice(1).map((cell) => cell.textContent)));
  return cells.map((row) => row.map((sum) => tiyn(reader.lang, sum)));
}

async function nextSum(reader) {
  return (await reader.sums("#loan .pair > :nth-child(2) .big"))[0];
}

/** The code that a token makes at a moment: at the presses of its button that were counted (RFC 4226 §5.3). */
export function pressed(secret, moment) {
  const bits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(moment));
  const hash = createHmac("sha1", key).update(message).digest();
  return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** The code that an authenticator shows now, or `steps` half minutes later (RFC 6238). */
export function shown(secret, steps = 0) {
  return pressed(secret, Math.floor(Date.now() / 30_000) + steps);
}

/** Proves who one is by password and a code. */
async function byPasswordAndCode(reader) {
  await reader.press("main form[action$='/code/send'] button");
  await reader.type({ password: reader.person.password, code: await reader.code() });
  await reader.press(SUBMIT);
}

/** Registers a token, and changes account, number and password. Gives a code of the token that was used. */
export async function secure(reader, changed, mark = nobody) {
  await reader.visit("/account/security");
  await mark("security");
  await reader.press("main a[href='/account/tokens']");
  await mark("token");
  await reader.type({ name: "телефон" });
  await reader.press(SUBMIT);
  await mark("token-secret");
  const secret = (await reader.text("main code")).replace(/\s/g, "");
  await reader.type({ first: shown(secret, -1), second: shown(secret) });
  await reader.press(SUBMIT);
  await mark("change");
  await byPasswordAndCode(reader);
  await reader.until("main [role=status]");
  await reader.message("token-added");

  await reader.visit("/account/changes/account");
  await reader.type({ iban: changed.iban });
  await reader.press(SUBMIT);
  await reader.press("main a[href$='?way=token']");
  const used = shown(secret, 1);
  await reader.type({ password: reader.person.password, token: used });
  await reader.press(SUBMIT);
  await reader.until("main [role=status]");
  await reader.message("account-changed");

  await reader.visit("/account/changes/phone");
  await reader.type({ phone: changed.phone });
  await reader.press(SUBMIT);
  const { phone, codes } = reader.person;
  Object.assign(reader.person, { phone: changed.phone, codes: changed.codes });
  await reader.type({ number: await reader.code() });
  Object.assign(reader.person, { phone, codes });
  await reader.press(SUBMIT);
  await byPasswordAndCode(reader);
  await reader.until("main [role=status]");
  await reader.message("phone-changed");
  Object.assign(reader.person, { phone: changed.phone, codes: changed.codes });
  await reader.message("phone-changed");
  await reader.visit("/account/security");
  await mark("security-changed");
  return used;
}

/** Loses the password and sets another by code and face. */
export async function recover(reader, password, mark = nobody) {
  await reader.visit("/sign-in");
  await reader.press("main a[href='/recover']");
  await reader.type({ name: reader.person.iin });
  await reader.press(SUBMIT);
  await mark("recover");
  await reader.type({ code: await reader.code() });
  await reader.press(SUBMIT);
  await showFace(reader);
  reader.person.password = password;
  await reader.type({ password });
  await reader.press(SUBMIT);
  await reader.message("password-recovered");
  await reader.press("main a[href='/sign-in']");
  await signIn(reader);
}
