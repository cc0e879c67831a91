//! Chapter 2, clauses 3–7: channels, registration, the personal account.

super::clauses! {
    PERSONAL_ACCOUNT:
    /// Every lending operation happens in the client's personal account through the web, the mobile
    /// application or a terminal. All three reach the same functions and records, and each operation
    /// records its channel.
    CL_3 = ("3", Software, "Channels of lending");
    /// No channel serves clients until the authorized body was notified ten working days before; the
    /// notice gives the name of the web resource or application, or the place of the terminal.
    CL_4_1 = ("4.1", Software, "Notice before opening: name or place");
    /// The notice lists the services the channel offers.
    CL_4_2 = ("4.2", Software, "Notice before opening: services");
    /// The notice carries the approved information-security procedures with the documents that support
    /// them.
    CL_4_3 = ("4.3", Software, "Notice before opening: security procedures");
    /// A change to anything notified takes effect no earlier than ten working days after a new notice.
    CL_5 = ("5", Software, "Notice of changes");
    /// Names as in the identity document, IIN, number and validity of the document, mobile number and a
    /// full-face photo are taken; a birth certificate never counts as a document.
    CL_6_A = ("6.a", Software, "Registration of an individual");
    /// The signatory's authority, names, IIN, document and photo, the entity's BIN and a mobile number
    /// are taken.
    CL_6_B = ("6.b", Software, "Registration of a legal entity");
    /// Before registration is confirmed, names, IIN and photo agree with the sources that hold them.
    CL_6_C = ("6.c", Software, "Checks at the sources");
    /// Registration is confirmed by two different methods of clause 35, one of them biometric
    /// identification.
    CL_6_D = ("6.d", Software, "Two methods at registration");
    /// A registered client enters by password or by at least one authentication feature such as a
    /// one-time code.
    CL_6_E = ("6.e", Software, "Signing in");
    /// The mobile number and bank details change only in the personal account and with a method of clause
    /// 35; terminals are exempt for bank details.
    CL_6_F = ("6.f", Software, "Changing number or bank details");
    /// Nothing in the personal account can change an IIN or BIN.
    CL_6_G = ("6.g", Software, "Numbers that never change");
    /// The client can apply for a microcredit in the personal account.
    CL_7_1 = ("7.1", Software, "Applying");
    /// The client sees the organization's addresses, phones, fax, e-mail and its first manager's full
    /// name.
    CL_7_2 = ("7.2", Software, "The organization's data");
    /// The client reads each agreement before and after signing it.
    CL_7_3 = ("7.3", Software, "Reading the agreement");
    /// The client sees how an application stands and how it ended.
    CL_7_4 = ("7.4", Software, "Progress of an application");
    /// The client sees the current debt, coming payments and payments made, each split into principal,
    /// interest and penalty.
    CL_7_5 = ("7.5", Software, "Debt and payments");
    /// The client sees how the debt can be repaid.
    CL_7_6 = ("7.6", Software, "Ways to repay");
    /// Client and organization exchange letters in the personal account.
    CL_7_7 = ("7.7", Software, "Letters");
}
