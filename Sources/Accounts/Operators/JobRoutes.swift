package import HTTPKit
import HTTPTypes
package import Platform
import Storage

package enum JobsRead: Need { package static var permission: Permission { .jobsRead } }
package enum JobsWrite: Need { package static var permission: Permission { .jobsWrite } }

/// What waits, runs or is dead, for operators.
package struct JobRoutes: Sendable {
    package let queue: JobQueue

    package init(queue: JobQueue) {
        self.queue = queue
    }

    package struct Filter: Input, Ruled {
        package let state: QueuedJob.State?
        package let limit: Int?
        package let after: String?

        package static var rules: [String: Rule] { Paging.rules }
        package var paging: Paging { Paging(limit: limit, after: after) }
    }

    package func list(_ who: Operator<JobsRead>, _ filter: Filter) async throws -> List<QueuedJob> {
        let after = try filter.paging.cursor(or: .newest)
        let limit = filter.paging.count
        let jobs = try await queue.database.read(.system) { tx in
            try JobQueue.list(tx, state: filter.state, after: after, limit: limit)
        }
        return List(jobs, limit: limit) { Cursor(id: $0.id) }
    }

    package func retry(_ who: Operator<JobsWrite>) async throws -> QueuedJob {
        let job = try await queue.database.write(.system) { tx in
            try JobQueue.retry(tx, id: who["job_id"], now: .now)
        }
        queue.wake()
        return job
    }
}

extension JobRoutes {
    package var table: [Route] {
        [
            Route(
                .get, "/admin/jobs", .read, id: "list_jobs", "List background jobs",
                about: "Newest first, filtered by `state`.",
                list,
                errors: [.forbidden]),
            Route(
                .post, "/admin/jobs/{job_id}/retry", .write, id: "retry_job", "Retry a dead job",
                about: "Its attempts count from zero again.",
                retry,
                errors: [.forbidden, .conflict]),
        ].tagged(.administration)
    }
}
