import Reading

extension Doctor {
    /// Says which files can become knowledge. The programs that read them are recommended, not required.
    func reading() async -> Finding {
        let readiness = await DocumentReader().check()
        guard readiness.isGuarded else {
            return Finding(
                subject: "file formats", isWell: true,
                text: "off: the system does not let the server guard the programs that read files (seccomp)",
                isWarning: true)
        }
        var text = readiness.formats.joined(separator: ", ")
        if !readiness.missingPackages.isEmpty {
            text += "; for more, install \(readiness.missingPackages.joined(separator: " "))"
        }
        if !readiness.closesFiles {
            text +=
                "; the kernel has no Landlock, so these programs could read this server's files if they were taken over"
        }
        return Finding(
            subject: "file formats", isWell: true, text: text,
            isWarning: !readiness.missingPackages.isEmpty || !readiness.closesFiles)
    }
}
