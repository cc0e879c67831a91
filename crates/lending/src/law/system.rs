//! Chapter 3, clauses 14–35: the automated information system.

super::clauses! {
    SYSTEM:
    /// The system consists of a web application, a mobile application and server software.
    CL_14 = ("14", Software, "Three parts");
    /// The system is developed by a written procedure that sets the stages and those who answer for them.
    CL_15 = ("15", Organizational, "Development by procedure");
    /// A third party that develops the system meets this chapter and the internal documents, and the
    /// organization answers for it.
    CL_16 = ("16", Organizational, "Development by others");
    /// Sources are kept in a repository inside the organization's perimeter, with backups.
    CL_17 = ("17", Evidence, "Sources in a repository");
    /// Every version is tested for security: its own sources and the components it is built from.
    CL_18 = ("18", Evidence, "Security testing");
    /// Sources in every language used are scanned for injection, dangerous functions, weak cryptography,
    /// denial of service, bypass of protection, open secrets and broken security patterns.
    CL_19 = ("19", Evidence, "Static analysis");
    /// Components and libraries are checked for known vulnerabilities of their versions, and the graph of
    /// dependencies is tracked.
    CL_20 = ("20", Evidence, "Components");
    /// A version with a critical vulnerability does not go into operation.
    CL_21 = ("21", Evidence, "Critical findings block");
    /// Released sources and security test results of the last three years are kept and readable on-line.
    CL_22 = ("22", Evidence, "Three years of versions");
    /// Client and server talk over TLS 1.2 or higher only.
    CL_23 = ("23", Software, "Encrypted traffic");
    /// Domain, logo and colours show whose application it is.
    CL_24_1 = ("24.1", Software, "Whose web application");
    /// Authorization data are not kept in the storage of a browser.
    CL_24_2 = ("24.2", Software, "Nothing in the browser's storage");
    /// Secrets are masked while they are typed.
    CL_24_3 = ("24.3", Software, "Masked secrets");
    /// The page where clients sign in tells them about cyber hygiene.
    CL_24_4 = ("24.4", Software, "Hygiene on the sign-in page");
    /// Errors show no confidential data and no more than the client needs.
    CL_24_5 = ("24.5", Software, "Errors on pages");
    /// Store entry, logo and colours show whose application it is.
    CL_25_1 = ("25.1", Software, "Whose mobile application");
    /// Lending is blocked where the system's integrity or protection is broken or remote control is
    /// found.
    CL_25_2 = ("25.2", Software, "Broken devices");
    /// The client is told that an update of the application is there.
    CL_25_3 = ("25.3", Software, "News of updates");
    /// A critical update is forced, or the application is blocked until it is installed.
    CL_25_4 = ("25.4", Software, "Forced updates");
    /// Confidential data live in the protected container or in the system's credential store.
    CL_25_5 = ("25.5", Software, "Protected container");
    /// Confidential data are not cached.
    CL_25_6 = ("25.6", Software, "No caching");
    /// Confidential data do not reach backups of the application.
    CL_25_7 = ("25.7", Software, "No backup copies");
    /// The application tells the client about cyber hygiene.
    CL_25_8 = ("25.8", Software, "Hygiene in the application");
    /// The client is told of sign-ins, of password changes and recoveries, and of changes of the mobile
    /// number.
    CL_25_9 = ("25.9", Software, "Notices of account events");
    /// Operations with money carry the device's location if the client allows it, else that it is not
    /// allowed.
    CL_25_10 = ("25.10", Software, "Geolocation");
    /// Errors disclose nothing confidential and enough to diagnose them.
    CL_26_1 = ("26.1", Software, "Errors of the server");
    /// Mobile applications and their devices are identified and authenticated.
    CL_26_2 = ("26.2", Software, "Known applications and devices");
    /// Input is checked against forged requests and injection.
    CL_26_3 = ("26.3", Software, "Valid input only");
    /// Employees reach only what their duties need.
    CL_27 = ("27", Software, "Least authority");
    /// Employees are identified and authenticated before they reach anything.
    CL_28 = ("28", Software, "Employees are authenticated");
    /// Accounts and passwords are managed, and accounts blocked, as the internal document sets.
    CL_29 = ("29", Software, "Accounts and passwords");
    /// Updates, security updates included, are delivered for as long as the system is used.
    CL_30 = ("30", Evidence, "Updates delivered");
    /// Data, files and settings are backed up so that a working copy can be restored.
    CL_31 = ("31", Software, "Backups");
    /// The audit trail is kept, and a change to it does not go unnoticed.
    CL_32 = ("32", Software, "Audit trail");
    /// The software environment is protected from unnoticed change, and uploads are scanned.
    CL_33 = ("33", Software, "Integrity of the environment");
    /// Messages and documents to and from the client are kept whole and confidential, in their original
    /// format, for five years after the obligations end.
    CL_34 = ("34", Software, "Five years");
    /// A digital signature with a certificate of the National Certification Authority identifies the
    /// client.
    CL_35_1 = ("35.1", Software, "Method: digital signature");
    /// Biometric identification through the identification data exchange centre identifies the client.
    CL_35_2 = ("35.2", Software, "Method: biometric identification");
    /// Two factors of different kinds identify the client: what the client knows, has, and is.
    CL_35_3 = ("35.3", Software, "Method: two-factor authentication");
}
