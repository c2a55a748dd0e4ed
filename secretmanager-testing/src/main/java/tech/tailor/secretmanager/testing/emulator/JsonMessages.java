package tech.tailor.secretmanager.testing.emulator;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Writer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Messages as proto3 JSON. Reading takes both forms of a field's name, ignores unknown fields, and
 * is bounded in depth and length; what it refuses it never quotes.
 */
final class JsonMessages {

  private static final int FIELD_NAME_LENGTH = 256;

  /** Only with what Jackson 2.15 has, since BOMs of applications still bring it. */
  private static final JsonFactory JSON = JsonFactory.builder()
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .streamReadConstraints(StreamReadConstraints.builder()
          .maxNestingDepth(16)
          .maxStringLength(128 * 1024)
          .maxNumberLength(32)
          .build())
      .build();

  private JsonMessages() {}

  /** Writes a message; fields with their default value are left out. */
  static byte[] write(Message message) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      write(message, json);
    } catch (IOException e) {
      throw new AssertionError("Writing to memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads a message.
   *
   * @throws RefusedCall if the bytes are no JSON object that fits the message
   */
  static DynamicMessage read(Descriptor type, byte[] bytes) {
    try (JsonParser json = JSON.createParser(bytes)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw invalid("the body must be a JSON object");
      }
      DynamicMessage message = message(type, json);
      if (json.nextToken() != null) {
        throw invalid("nothing may follow the JSON object");
      }
      return message;
    } catch (IOException e) {
      // Its message may quote the body.
      throw invalid("the body is not valid JSON within the limits");
    }
  }

  /** A parser with the same limits, for JSON inside a message. */
  static JsonParser parser(String text) throws IOException {
    return JSON.createParser(text);
  }

  /** For JSON inside a message. */
  static JsonGenerator generator(Writer target) throws IOException {
    return JSON.createGenerator(target);
  }

  private static void write(Message message, JsonGenerator json) throws IOException {
    json.writeStartObject();
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      json.writeFieldName(field.getJsonName());
      if (field.isMapField()) {
        json.writeStartObject();
        for (Object element : (List<?>) entry.getValue()) {
          Message pair = (Message) element;
          json.writeStringField(
              (String) pair.getField(pair.getDescriptorForType().findFieldByNumber(1)),
              (String) pair.getField(pair.getDescriptorForType().findFieldByNumber(2)));
        }
        json.writeEndObject();
      } else if (field.isRepeated()) {
        json.writeStartArray();
        for (Object element : (List<?>) entry.getValue()) {
          writeValue(field, element, json);
        }
        json.writeEndArray();
      } else {
        writeValue(field, entry.getValue(), json);
      }
    }
    json.writeEndObject();
  }

  private static void writeValue(FieldDescriptor field, Object value, JsonGenerator json)
      throws IOException {
    switch (field.getJavaType()) {
      case STRING -> json.writeString((String) value);
      case INT -> json.writeNumber(Integer.toUnsignedLong((Integer) value));
      case LONG -> json.writeString(value.toString());
      case BYTE_STRING ->
        json.writeString(Base64.getEncoder().encodeToString(((ByteString) value).toByteArray()));
      case ENUM -> json.writeString(((EnumValueDescriptor) value).getName());
      case MESSAGE -> {
        if (isTimestamp(field)) {
          json.writeString(Times.instant((Message) value).toString());
        } else {
          write((Message) value, json);
        }
      }
      default -> throw new AssertionError("No field is of the type " + field.getType());
    }
  }

  /** The object that the parser is in. */
  private static DynamicMessage message(Descriptor type, JsonParser json) throws IOException {
    DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      FieldDescriptor field = fieldOf(type, name(json));
      JsonToken token = json.nextToken();
      if (field == null || token == JsonToken.VALUE_NULL) {
        json.skipChildren();
      } else if (alreadyRead(message, field)) {
        throw invalid("a field is there twice");
      } else if (field.isMapField()) {
        readMap(message, field, json);
      } else if (field.isRepeated()) {
        require(token == JsonToken.START_ARRAY, field);
        while (json.nextToken() != JsonToken.END_ARRAY) {
          message.addRepeatedField(field, value(field, json));
        }
      } else {
        message.setField(field, value(field, json));
      }
    }
    return message.build();
  }

  /** The two forms of one name are no duplicate to the parser. */
  private static boolean alreadyRead(DynamicMessage.Builder message, FieldDescriptor field) {
    return field.isRepeated()
        ? message.getRepeatedFieldCount(field) > 0
        : message.getAllFields().containsKey(field);
  }

  private static void readMap(
      DynamicMessage.Builder message, FieldDescriptor field, JsonParser json) throws IOException {
    require(json.currentToken() == JsonToken.START_OBJECT, field);
    Descriptor entry = field.getMessageType();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = name(json);
      require(json.nextToken() == JsonToken.VALUE_STRING, field);
      message.addRepeatedField(
          field,
          DynamicMessage.newBuilder(entry)
              .setField(entry.findFieldByNumber(1), key)
              .setField(entry.findFieldByNumber(2), json.getText())
              .build());
    }
  }

  private static String name(JsonParser json) throws IOException {
    String name = json.currentName();
    if (name.length() > FIELD_NAME_LENGTH) {
      throw invalid("the name of a field is too long");
    }
    return name;
  }

  private static Object value(FieldDescriptor field, JsonParser json) throws IOException {
    JsonToken token = json.currentToken();
    switch (field.getJavaType()) {
      case STRING -> {
        require(token == JsonToken.VALUE_STRING, field);
        return json.getText();
      }
      case INT -> {
        long number = number(field, json);
        require(number >= 0 && number <= 0xffff_ffffL, field);
        return (int) number;
      }
      case LONG -> {
        return number(field, json);
      }
      case BYTE_STRING -> {
        require(token == JsonToken.VALUE_STRING, field);
        return ByteString.copyFrom(base64(field, json.getText()));
      }
      case ENUM -> {
        return enumValue(field, json);
      }
      case MESSAGE -> {
        if (isTimestamp(field)) {
          require(token == JsonToken.VALUE_STRING, field);
          return timestamp(field, json.getText());
        }
        require(token == JsonToken.START_OBJECT, field);
        return message(field.getMessageType(), json);
      }
      default -> throw new AssertionError("No field is of the type " + field.getType());
    }
  }

  private static long number(FieldDescriptor field, JsonParser json) throws IOException {
    try {
      return switch (json.currentToken()) {
        case VALUE_NUMBER_INT -> json.getLongValue();
        case VALUE_STRING -> Long.parseLong(json.getText());
        default -> throw mismatch(field);
      };
    } catch (NumberFormatException e) {
      throw mismatch(field);
    }
  }

  private static EnumValueDescriptor enumValue(FieldDescriptor field, JsonParser json)
      throws IOException {
    @Nullable
    EnumValueDescriptor found = switch (json.currentToken()) {
      case VALUE_STRING -> field.getEnumType().findValueByName(json.getText());
      case VALUE_NUMBER_INT ->
        field.getEnumType().findValueByNumberCreatingIfUnknown(json.getIntValue());
      default -> null;
    };
    if (found == null) {
      throw mismatch(field);
    }
    return found;
  }

  private static Timestamp timestamp(FieldDescriptor field, String text) {
    try {
      return Times.timestamp(Instant.parse(text));
    } catch (DateTimeException e) {
      throw mismatch(field);
    }
  }

  /** Either alphabet, padded or not. */
  static byte[] base64(FieldDescriptor field, String text) {
    try {
      return base64(text);
    } catch (IllegalArgumentException e) {
      throw mismatch(field);
    }
  }

  static byte[] base64(String text) {
    return Base64.getDecoder().decode(text.replace('-', '+').replace('_', '/'));
  }

  private static @Nullable FieldDescriptor fieldOf(Descriptor type, String name) {
    for (FieldDescriptor field : type.getFields()) {
      if (field.getJsonName().equals(name) || field.getName().equals(name)) {
        return field;
      }
    }
    return null;
  }

  private static boolean isTimestamp(FieldDescriptor field) {
    return field.getMessageType().getFullName().equals(Timestamp.getDescriptor().getFullName());
  }

  private static void require(boolean fits, FieldDescriptor field) {
    if (!fits) {
      throw mismatch(field);
    }
  }

  private static RefusedCall mismatch(FieldDescriptor field) {
    return invalid("the field " + field.getName() + " has a value of another type");
  }

  private static RefusedCall invalid(String message) {
    return new RefusedCall(Code.INVALID_ARGUMENT, message);
  }
}
