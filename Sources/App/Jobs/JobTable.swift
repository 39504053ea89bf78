/// All the work that is done beside requests.
extension App {
    var jobs: [Job] {
        housekeeping.jobs
    }
}
