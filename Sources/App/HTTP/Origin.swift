import Foundation

/// A website as browsers name it: scheme, host and port.
enum Origin {
    static func isOne(_ text: String) -> Bool {
        guard let url = URL(string: text), url.scheme == "https" || url.scheme == "http", url.host() != nil else {
            return false
        }
        return url.path().isEmpty && url.query() == nil && url.fragment() == nil && url.user() == nil
    }
}
