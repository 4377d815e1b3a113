package dev.witnessmark.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;

/**
 * A Parquet file that rows are appended to: uncompressed, with dictionaries and differences, which
 * keep names and row numbers small. The caller gives it a temporary name and renames it.
 *
 * @param <T> what a row is made from
 */
final class ParquetTable<T> implements AutoCloseable {

  private final ParquetWriter<T> writer;

  /** Creates or replaces {@code file}. */
  ParquetTable(Path file, String name, List<ParquetColumn<T>> columns) throws IOException {
    writer =
        new Builder<>(new LocalOutputFile(file), new Rows<>(name, columns))
            .withConf(new PlainParquetConfiguration())
            .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
            .withWriterVersion(ParquetProperties.WriterVersion.PARQUET_2_0)
            .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
            .build();
  }

  void append(T row) throws IOException {
    writer.write(row);
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }

  private static final class Builder<T> extends ParquetWriter.Builder<T, Builder<T>> {

    private final Rows<T> rows;

    Builder(OutputFile file, Rows<T> rows) {
      super(file);
      this.rows = rows;
    }

    @Override
    protected Builder<T> self() {
      return this;
    }

    @Override
    @SuppressWarnings("deprecation") // Abstract in the library, and never called without Hadoop.
    protected WriteSupport<T> getWriteSupport(Configuration configuration) {
      return rows;
    }

    @Override
    protected WriteSupport<T> getWriteSupport(ParquetConfiguration configuration) {
      return rows;
    }
  }

  private static final class Rows<T> extends WriteSupport<T> {

    private final String name;
    private final List<ParquetColumn<T>> columns;

    @SuppressWarnings("NullAway.Init") // Set before the first row.
    private RecordConsumer consumer;

    Rows(String name, List<ParquetColumn<T>> columns) {
      this.name = name;
      this.columns = columns;
    }

    @Override
    @SuppressWarnings("deprecation") // Abstract in the library, and never called without Hadoop.
    public WriteContext init(Configuration configuration) {
      return context();
    }

    @Override
    public WriteContext init(ParquetConfiguration configuration) {
      return context();
    }

    private WriteContext context() {
      return new WriteContext(
          new MessageType(name, List.copyOf(columns.stream().map(ParquetColumn::type).toList())),
          Map.of());
    }

    @Override
    public void prepareForWrite(RecordConsumer recordConsumer) {
      consumer = recordConsumer;
    }

    @Override
    public void write(T row) {
      consumer.startMessage();
      for (int i = 0; i < columns.size(); i++) {
        ParquetColumn<T> column = columns.get(i);
        column.write().accept(row, new ParquetColumn.Field(consumer, column.type().getName(), i));
      }
      consumer.endMessage();
    }
  }
}
