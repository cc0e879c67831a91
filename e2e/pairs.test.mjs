// Both kinds of clients, an individual and a legal entity by its head, register and sign by each pair of methods that
// lending::confirmation::REQUIREMENTS allows and the pages offer: the face, and beside it what WAYS names.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accept, actFor, applyFor, beginToAct, entity } from "./entities.mjs";
import { person } from "./person.mjs";
import { WAYS, askNcalayer, scan, showFace, signByNcalayer, tell } from "./proofs.mjs";
import { wording } from "./reader.mjs";
import { LANGS, employee, play, stage } from "./stage.mjs";
import * as walk from "./walk.mjs";

// [registers by, signs by], beside the face. A token can be had only by who is registered.
const RUNS = [
  { lang: "kk", own: ["sms", "token"], entity: ["token", "file"] },
  { lang: "ru", own: ["file", "phone"], entity: ["sms", "card"] },
  { lang: "en", own: ["card", "sms"], entity: ["phone", "sms"] },
  { lang: "kk", own: ["phone", "card"], entity: ["file", "token"] },
  { lang: "ru", own: ["sms", "file"], entity: ["card", "phone"] },
];

let officer;
const set = stage(async (set) => {
  officer = await employee(set, "kk", { unchecked: true });
  await tell(set.demo, "PUT", "signer", { tokens: ["AKKZIDCardStore"] });
});

test("the runs below leave out no pair", () => {
  const gone = (kind, step) => [...new Set(RUNS.map((run) => run[kind][step]))].sort();
  const all = Object.keys(WAYS).sort();
  assert.deepEqual(gone("own", 0), all.filter((way) => way !== "token"));
  for (const [kind, step] of [["own", 1], ["entity", 0], ["entity", 1]]) assert.deepEqual(gone(kind, step), all);
});

/** Nothing is offered that no run goes, and nothing that a run goes is missing. */
async function offered(reader) {
  const links = await reader.page.locator("main a[href*='?way=']").evaluateAll((all) => all.map((a) => a.href.split("way=")[1]));
  const shown = await reader.page.locator("main form").first().getAttribute("action");
  const known = Object.values(WAYS).map(({ name }) => name).concat("face", "password");
  assert.deepEqual(links.filter((way) => !known.includes(way)), [], `a way that no run goes, beside ${shown}`);
  const wanted = ["signature", "egov", ...(reader.person.token ? ["token"] : [])];
  assert.deepEqual(wanted.filter((way) => !links.includes(way) && !shown.includes(way)), [], "a way is missing");
}

/** The face and one way more, in either order. */
async function prove(reader, way, faceFirst, bin) {
  await offered(reader);
  if (faceFirst) await showFace(reader);
  await WAYS[way].go(reader, bin);
  if (!faceFirst) await showFace(reader);
}

async function sign(reader, way, faceFirst, bin) {
  await reader.press("#progress a[href$='/sign']");
  for (const what of ["lending_rules", "full_cost", "rights_and_duties"]) await reader.page.locator(`#${what}`).check();
  await reader.press(walk.SUBMIT);
  await prove(reader, way, faceFirst, bin);
  await reader.press("main form[action$='/confirm'] button");
  await reader.until("main a[href$='/early']");
}

/** A hardware token, counted by the presses of its button. */
async function registerToken(reader) {
  await reader.visit("/account/tokens");
  await reader.page.locator("[name=kind][value=hotp]").check();
  await reader.type({ name: "token" });
  await reader.press(walk.SUBMIT);
  const secret = (await reader.text("main code")).replace(/\s/g, "");
  await reader.type({ first: walk.pressed(secret, 0), second: walk.pressed(secret, 1) });
  await reader.press(walk.SUBMIT);
  await WAYS.sms.go(reader);
  await reader.until("main [role=status]");
  reader.person.token = { secret, counter: 2 };
}

async function apply(reader) {
  await reader.visit("/apply");
  await reader.type({ amount: "60 000", term: "3" });
  await walk.fillApplication(reader);
  await reader.press(walk.SUBMIT);
  await reader.press(walk.SUBMIT);
  await reader.until("#progress a[href$='/sign']");
}

for (const [number, run] of RUNS.entries()) {
  const told = `${run.lang}: somebody registers by ${run.own[0]} and signs by ${run.own[1]}, and as a head by ${run.entity[0]} and ${run.entity[1]}`;
  // Proves CL_6_A, CL_6_B, CL_6_D, CL_9_A, CL_35_1, CL_35_2, CL_35_3.
  test(told, { timeout: 180_000 }, () => play(set, person(run.lang), { unchecked: true }, async (reader) => {
    const faceFirst = number % 2 === 1;
    await reader.visit("/register");
    await walk.fillRegistration(reader);
    await reader.press(walk.SUBMIT);
    await prove(reader, run.own[0], false); // who registers shows their face last
    const finish = reader.page.locator("main form[action='/register/finish'] button");
    if (await finish.count()) await reader.press("main form[action='/register/finish'] button"); // what a phone sent takes nobody further
    assert.equal(new URL(reader.page.url()).pathname, "/account");
    if ([run.own[1], ...run.entity].includes("token")) await registerToken(reader);
    await apply(reader);
    await sign(reader, run.own[1], faceFirst);

    const company = entity(`ЖШС «Үлгі ${number}»`);
    await beginToAct(reader, company, "head");
    await prove(reader, run.entity[0], !faceFirst, company.bin);
    await reader.press("main form[action$='/finish'] button");
    await accept(officer);
    await actFor(reader, company);
    await applyFor(reader, company);
    await sign(reader, run.entity[1], !faceFirst, company.bin);
  }));
}

// Proves CL_6_B, CL_35_1: each page of it is looked at in each language.
test("a head is told whose key is needed, and no other binds the entity", { timeout: 180_000 }, () => play(set, person("kk"), { unchecked: true }, async (reader) => {
  const { demo } = set;
  await reader.visit("/sign-in");
  await walk.register(reader);
  const company = entity("ЖШС «Кілт»");
  await beginToAct(reader, company, "head");
  reader.unchecked = false;
  const { page, person: head } = reader;
  const says = (what) => page.locator(`[data-say=${what}]:not([hidden])`).waitFor();
  const tells = async () => {
    const text = wording(reader.lang, "signature", "signs-for-entity").replace("{ $bin }", company.bin);
    assert.ok((await reader.text("main")).includes(text), "whose key it has to be");
  };
  const refused = async (code) => {
    const text = wording(reader.lang, "refusals", code);
    assert.ok((await reader.text("#errors")).includes(text), code);
  };
  try {
    for (const lang of LANGS) {
      reader.lang = lang;
      if (lang !== "kk") await reader.press(`#languages a[lang=${lang}]`);
      await askNcalayer(reader);
      await tells();
      await tell(demo, "PUT", "signer", { iin: head.iin });
      await page.locator("[data-ncalayer] button[data-storage=PKCS12]").click();
      await says("failed"); // the private key does not have the BIN that is asked for
      await tell(demo, "PUT", "modes/ncalayer", { mode: "old-version" });
      await signByNcalayer(reader, "PKCS12", 422);
      await refused("signature-another-organization");
      await tell(demo, "PUT", "signer", { iin: head.iin, bin: "190440019884" });
      await signByNcalayer(reader, "PKCS12", 422);
      await refused("signature-another-organization");
      await tell(demo, "PUT", "modes/ncalayer", { mode: "ok" });
      await reader.visit(new URL(page.url()).pathname.replace(/\/proofs.*/, ""));
      await reader.press("main a[href$='way=egov']");
      await tells();
      assert.ok((await reader.text("main")).includes("eGov Business"));
      await reader.press("main form[action$='/egov/ask'] button");
      await tells();
      assert.equal(await scan(reader), 422, "the private key on the phone");
      const text = wording(lang, "refusals", "signature-another-organization");
      await page.locator("#phone-progress [role=alert]", { hasText: text }).waitFor();
      await reader.look();
    }
    assert.equal(await scan(reader, head.iin, company.bin), 204);
    await reader.until("main .steps .done");
  } finally {
    await tell(demo, "PUT", "modes/ncalayer", { mode: "ok" });
    await tell(demo, "PUT", "signer", { tokens: ["AKKZIDCardStore"] });
  }
}));
