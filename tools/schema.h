// Schema: JSON Schema, compiled to a checker over msgpack bytes.
//
// The subset of JSON Schema 2020-12 that is understood:
//   assertions   type, enum, const, properties, required, additionalProperties, items, minItems,
//                maxItems, minProperties, maxProperties, minLength, maxLength, minimum, maximum,
//                exclusiveMinimum, exclusiveMaximum, anyOf
//   annotations  title, description, default, examples, $schema, $comment, format, deprecated
//   bytes        {"type": "string", "contentEncoding": "base64"}: binary, or base64 text from JSON callers;
//                lengths count characters of text and bytes of binaries
// Any other keyword is refused by name when the schema is compiled: a rule that is silently not
// checked is worse than none.
#pragma once

#include <memory>
#include <string_view>

#include "engine/base/pack.h"
#include "engine/base/result.h"

namespace yard::tools {

// Threads: any, once compiled.
class Schema {
 public:
  // Errors: kBadRequest with the JSON pointer into the schema.
  [[nodiscard]] static Result<Schema> compile(std::string_view json_schema);

  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;
  ~Schema();

  // `value` lies in checked bytes. Errors: kInvalidArguments with the JSON pointer of the first
  // culprit and what was expected there.
  [[nodiscard]] Status check(PackView value) const;

  struct Node;

 private:
  explicit Schema(std::unique_ptr<const Node> root);
  std::unique_ptr<const Node> root_;
};

}  // namespace yard::tools
