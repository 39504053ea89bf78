import ArgumentParser
import Reading

/// The server runs this to read files; it is of no use by itself.
struct ReadFileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read-file", abstract: "Print the text of a file, from within a sandbox.", shouldDisplay: false)

    @Flag(help: "Only say what can be read.")
    var check = false

    @Argument(help: "The folder that holds the file.")
    var folder: String

    @Argument(help: "Its media type, detected from the bytes.")
    var contentType = ""

    @Argument(help: "The ending of its name.")
    var ending = ""

    func run() {
        if check {
            FileReading.check(folder: folder)
        } else {
            FileReading(folder: folder, contentType: contentType, ending: ending).run()
        }
    }
}
