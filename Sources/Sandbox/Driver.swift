/// The Python program that executes the program.
///
/// Descriptor 3 takes reports. The first says that the driver is ready; from then on bubblewrap ends it with the process
/// that started it, and only then it is given the program. Descriptor 0 has a line with a secret word and the length of the
/// program, and the program. Later reports consist of the word and what happened: the program cannot write one unless it
/// looks for the word in the driver's frames.
enum Driver {
  static let source = #"""
    import os, sys, time, linecache

    def drive():
        write, leave, sleep = os.write, os._exit, time.sleep
        write(3, b"ready\n")
        parts = []
        while part := os.read(0, 1 << 20):
            parts.append(part)
        head, _, source = b"".join(parts).partition(b"\n")
        del parts
        word, _, length = head.partition(b" ")
        if len(source) != int(length or -1):
            leave(1)
        nothing = os.open("/dev/null", os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.set_inheritable(3, False)
        name = "program.py"
        lines = source.decode("utf-8", "replace").splitlines(True)
        linecache.cache[name] = (len(source), None, lines, name)
        write(3, word + b" started\n")
        ending = b"exception"

        def flush():
            for stream in (sys.stdout, sys.stderr):
                try:
                    stream.flush()
                except BaseException:
                    pass

        try:
            exec(compile(source, name, "exec", dont_inherit=True), {})
            ending = b"passed"
        except SystemExit:
            ending = b"exit"
        except BaseException as error:
            if isinstance(error, MemoryError):
                ending = b"memory"
            flush()
            try:
                import traceback
                frames = error.__traceback__ and error.__traceback__.tb_next
                traceback.print_exception(type(error), error, frames)
            except BaseException:
                pass
        flush()
        write(3, word + b" " + ending + b"\n")
        # Killed from outside by now: bubblewrap then takes note of the end of the namespace's first process.
        sleep(5)
        leave(0 if ending == b"passed" else 1)

    drive()
    """#

  /// What the driver reports.
  enum Report: String {
    case ready
    case started
    case passed
    case exit
    case memory
    case exception
  }
}
