/// The settings that a command line names, before their values are looked at.
enum CommandLineSettings {
    /// What is wrong with the arguments. Values are never shown: they may be secrets.
    static func problems(_ arguments: [String]) -> (secrets: [String], others: [String]) {
        let settings = Dictionary(uniqueKeysWithValues: Setting.all.map { ($0.flag, $0) })
        var (secrets, others): ([String], [String]) = ([], [])
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let flag = String(parts.first ?? "")
            guard argument.hasPrefix("-") else {
                others.append("'\(flag)' is not a setting; 'mynah serve --help' lists all.")
                continue
            }
            if let setting = settings[spelled(flag)], setting.isSecret {
                secrets.append(
                    "\(setting.flag): secrets are not taken from the command line, where others on this machine see them. "
                        + "Set \(setting.name) in the environment or in .env.")
            } else if settings[flag] == nil {
                // A mistyped flag must not be taken for silence.
                others.append("\(flag): there is no such setting; 'mynah serve --help' lists all.")
            }
            if parts.count == 1, let next = rest.first, !next.hasPrefix("--") { rest.removeFirst() }
        }
        return (secrets, others)
    }

    /// `-SECRET_KEY` and `--secret_key` show a secret just as well as `--secret-key`.
    private static func spelled(_ flag: String) -> String {
        "--" + flag.drop { $0 == "-" }.lowercased().replacing("_", with: "-")
    }
}
