package dev.witnessmark.format;

import java.io.IOException;
import java.util.Locale;

/**
 * Why a file was not read: one class per way to be wrong. The message names file, tensor or key,
 * byte offset, the two numbers that disagree, and what to do; tests assert class and numbers, not
 * the prose.
 */
public abstract sealed class Refusal extends IOException {

  private static final int LONGEST_SHOWN = 300;

  private final String file;
  private final String subject;
  private final long offset;
  private final String detail;

  private Refusal(String file, String subject, long offset, String detail) {
    super(
        Printable.of(file)
            + ": refused. "
            + Printable.of(shortened(subject))
            + (offset >= 0 ? " at byte " + offset : "")
            + ": "
            + Printable.of(shortened(detail)));
    this.file = file;
    this.subject = subject;
    this.offset = offset;
    this.detail = detail;
  }

  /** Names of untrusted files can be long; the whole one is {@link #subject()}. */
  private static String shortened(String text) {
    return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "...";
  }

  /** The file as the user named it. */
  public final String file() {
    return file;
  }

  /** Tensor, key or part of the file that is wrong. */
  public final String subject() {
    return subject;
  }

  /** Byte offset in the file, or -1 where there is none. */
  public final long offset() {
    return offset;
  }

  /** The message without file, subject and offset, in full and not made safe to print. */
  public final String detail() {
    return detail;
  }

  /** Stable name of the way to be wrong for machines: the class name in kebab-case. */
  public final String kind() {
    return getClass().getSimpleName().replaceAll("(?<=.)([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  /** The file ends before what it promised. */
  public static final class Truncated extends Refusal {
    private final long needed;
    private final long available;

    public Truncated(
        String file, String subject, long offset, long needed, long available, String remedy) {
      super(
          file,
          subject,
          offset,
          "needs %s bytes, %d are left; %s"
              .formatted(Long.toUnsignedString(needed), available, remedy));
      this.needed = needed;
      this.available = available;
    }

    /** Bytes promised, an unsigned number. */
    public long needed() {
      return needed;
    }

    /** Bytes that are there. */
    public long available() {
      return available;
    }
  }

  /** The first bytes belong to no format that is read here. */
  public static final class UnknownFormat extends Refusal {
    public UnknownFormat(String file, String detail) {
      super(file, "file", 0, detail);
    }
  }

  /** A format that can run code or hide it (pickle, archives): refused with the way out. */
  public static final class UnsafeFormat extends Refusal {
    public UnsafeFormat(String file, String detail) {
      super(file, "file", 0, detail);
    }
  }

  /** A version, type, layout or feature that exists but is not supported. */
  public static final class Unsupported extends Refusal {
    public Unsupported(String file, String subject, long offset, String detail) {
      super(file, subject, offset, detail);
    }
  }

  /** A number is above a limit for untrusted files ({@link Limits}). */
  public static final class LimitExceeded extends Refusal {
    private final long found;
    private final long allowed;

    public LimitExceeded(
        String file, String subject, long offset, String what, long found, long allowed) {
      super(
          file,
          subject,
          offset,
          "%s is %s, the limit is %d; raise it with --limit if you trust the file"
              .formatted(what, Long.toUnsignedString(found), allowed));
      this.found = found;
      this.allowed = allowed;
    }

    public long found() {
      return found;
    }

    public long allowed() {
      return allowed;
    }
  }

  /** A product or sum of numbers in the file does not fit in 63 bits. */
  public static final class SizeOverflow extends Refusal {
    public SizeOverflow(String file, String subject, long offset, String detail) {
      super(file, subject, offset, detail);
    }
  }

  /** Two numbers in the file contradict each other. */
  public static final class Inconsistent extends Refusal {
    private final long found;
    private final long expected;

    public Inconsistent(
        String file, String subject, long offset, String what, long found, long expected) {
      super(file, subject, offset, "%s is %d, expected %d".formatted(what, found, expected));
      this.found = found;
      this.expected = expected;
    }

    public long found() {
      return found;
    }

    public long expected() {
      return expected;
    }
  }

  /** Two tensors claim the same bytes. */
  public static final class Overlap extends Refusal {
    public Overlap(String file, String subject, long offset, String detail) {
      super(file, subject, offset, detail);
    }
  }

  /** A name or key that must be unique is there twice. */
  public static final class Duplicate extends Refusal {
    public Duplicate(String file, String subject, long offset, String detail) {
      super(file, subject, offset, detail);
    }
  }

  /** A tensor or storage type that does not exist or was removed from the format. */
  public static final class UnknownType extends Refusal {
    public UnknownType(String file, String subject, long offset, String detail) {
      super(file, subject, offset, detail);
    }
  }

  /** The structure or text is not what the format prescribes. */
  public static final class Malformed extends Refusal {
    public Malformed(String file, String subject, long offset, String detail) {
      super(file, subject, offset, detail);
    }
  }

  /** A file name inside a file leads out of its folder. */
  public static final class UnsafePath extends Refusal {
    public UnsafePath(String file, String subject, String detail) {
      super(file, subject, -1, detail);
    }
  }

  /** A part of a checkpoint (shard, index, config, external data) is not there. */
  public static final class MissingPart extends Refusal {
    public MissingPart(String file, String subject, String detail) {
      super(file, subject, -1, detail);
    }
  }
}
