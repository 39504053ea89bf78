/// A website as browsers name it in `Origin`: scheme, host and, unless it is the scheme's own, the port.
package enum Origin {
    package static func isOne(_ text: String) -> Bool {
        text.wholeMatch(of: /https?:\/\/([a-z0-9]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?/) != nil
    }
}
