import Foundation

/// The mail server and the credentials for it: `SMTP_URL`.
package struct SMTPSettings: Sendable {
    package enum Security: Sendable {
        /// TLS from the first byte, as on port 465.
        case tls
        /// STARTTLS, required after the greeting.
        case startTLS
        case none
    }

    package struct Credentials: Sendable {
        package let user: String
        package let password: String
    }

    /// What is wrong with the address, for the one who sets it. It quotes nothing: there is a password in it.
    package struct Problem: Error { package let text: String }

    package let host: String
    package let port: Int
    package let security: Security
    package let credentials: Credentials?
    /// Certificates that are trusted in place of the system's.
    package let certificates: String?
    /// For connecting, and for each answer.
    package let timeout: Duration

    package init(_ text: String) throws(Problem) {
        guard let url = URLComponents(string: text), let scheme = url.scheme, ["smtp", "smtps"].contains(scheme),
            let host = url.host?.trimmingCharacters(in: ["[", "]"]).lowercased(), !host.isEmpty,
            ["", "/"].contains(url.path), url.fragment == nil, (1...65_535).contains(url.port ?? 587)
        else {
            throw Problem(
                text: "this is not of the form smtp://user:password@host:587 or smtps://user:password@host:465.")
        }
        let isLoopback = host == "localhost" || host == "::1" || host.hasPrefix("127.")
        var security = scheme == "smtps" ? Security.tls : isLoopback ? .none : .startTLS
        var certificates: String?
        var timeout = 30
        for option in url.queryItems ?? [] {
            switch (option.name, option.value ?? "") {
            case ("starttls", "on") where scheme == "smtp": security = .startTLS
            case ("starttls", "off") where scheme == "smtp": security = .none
            case ("ca", let path) where FileManager.default.isReadableFile(atPath: path): certificates = path
            case ("ca", _): throw Problem(text: "the file that 'ca' names cannot be read.")
            case ("timeout", let text) where (1...300).contains(Int(text) ?? 0): timeout = Int(text)!
            default:
                throw Problem(
                    text: "'\(option.name)' is not starttls=on or off (of smtp://), timeout=1 to 300, or ca=FILE.")
            }
        }
        if let user = url.user, !user.isEmpty {
            let password = url.password ?? ""
            guard security != .none || isLoopback else {
                throw Problem(text: "a password is sent only over TLS; leave out starttls=off, or the password.")
            }
            guard !(user + password).utf8.contains(0) else { throw Problem(text: "a password cannot contain NUL.") }
            credentials = Credentials(user: user, password: password)
        } else {
            credentials = nil
        }
        self.host = host
        port = url.port ?? (scheme == "smtps" ? 465 : 587)
        self.security = security
        self.certificates = certificates
        self.timeout = .seconds(timeout)
    }
}
