import Accounts
import Chat
import Chatbots
import Imports
import Knowledge
import Metering
import Platform
import Titles

/// All the work that is done beside requests.
extension App {
    var jobs: [Job] {
        housekeeping.jobs + trail.jobs + [deletedUsers.purge(logger).job, deletions.job, unusedEndUsers.job]
            + email.jobs + uploads.sweep.jobs + [knowledgeReading.job, indexing.job, imports.job.job]
            + [SearchIndexing(database: database).job] + titles.jobs
            + MessageLogRetention(database: database, days: configuration.messageLogDays).jobs + backups.jobs
    }
}
