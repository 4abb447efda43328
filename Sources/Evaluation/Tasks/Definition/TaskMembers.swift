import MartletPrompting

/// Reads the members of a task's or an experiment's file.
typealias MemberReader = MartletPrompting.MemberReader<TaskError>
