package import NIOSSL

extension NIOSSLCertificate {
    /// Whether the host's name is among those certified. NIOSSL alone is content with a certificate for the address,
    /// which an attacker who redirects the name can obtain for their own address.
    package func certifies(_ host: String) -> Bool {
        let parent = host.firstIndex(of: ".").map { host[$0...] }
        return _subjectAlternativeNames().contains { name in
            guard name.nameType == .dnsName else { return false }
            let certified = String(decoding: name.contents, as: UTF8.self).lowercased()
            return certified == host || parent.map { certified == "*\($0)" } == true
        }
    }
}
