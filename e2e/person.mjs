// Those who walk through the demonstration: invented, with numbers whose check digits are right.

const NAMES = {
  kk: ["Ахметова", "Айгүл", "Серікқызы"],
  ru: ["Иванов", "Пётр", "Сергеевич"],
  en: ["Ospanov", "Yerlan", ""],
};

let serial = 1000;

/** Somebody new who reads `lang`. */
export function person(lang) {
  const number = ++serial;
  const [surname, given_name, patronymic] = NAMES[lang];
  return {
    lang,
    surname,
    given_name,
    patronymic,
    iin: iin(lang === "kk" ? "9205144" : "9205143", number),
    document_number: `04${String(number).padStart(7, "0")}`,
    document_valid_until: "31.01.2035",
    phone: `+7701${String(7_000_000 + number)}`,
    email: lang === "en" ? `person${number}@example.kz` : "", // notices go there instead of by SMS
    password: `қой soyled ${number} бұлақ`,
    codes: [], // received by SMS so far
    iban: iban("601", String(number).padStart(13, "0")),
  };
}

/** Birth date, century and sex, then the first serial number from `from` on that has a check digit. */
export function iin(birth, from) {
  for (let number = from; ; number++) {
    const digits = [...birth, ...String(number)].map(Number);
    const check = (first) => digits.reduce((sum, digit, at) => sum + digit * (((at + first - 1) % 11) + 1), 0) % 11;
    const last = check(1) < 10 ? check(1) : check(3);
    if (last < 10) return `${digits.join("")}${last}`;
  }
}

export function iban(bank, account) {
  const rest = BigInt([...`${bank}${account}KZ00`].map((letter) => parseInt(letter, 36)).join("")) % 97n;
  return `KZ${String(98n - rest).padStart(2, "0")}${bank}${account}`;
}
