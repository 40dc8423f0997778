package main

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// ours is the prefix of the packages that are described.
const ours = "schakel."

// parseImage reads a FileDescriptorSet. It does so twice: the options that the
// set itself defines can be understood only after the first time.
func parseImage(image []byte) (*protoregistry.Files, error) {
	files, err := parseWith(protoregistry.GlobalTypes, image)
	if err != nil {
		return nil, err
	}
	return parseWith(linkedFirst{dynamicpb.NewTypes(files)}, image)
}

// resolver is what proto.UnmarshalOptions asks of a resolver.
type resolver interface {
	FindExtensionByName(protoreflect.FullName) (protoreflect.ExtensionType, error)
	FindExtensionByNumber(protoreflect.FullName, protoreflect.FieldNumber) (protoreflect.ExtensionType, error)
}

func parseWith(types resolver, image []byte) (*protoregistry.Files, error) {
	set := &descriptorpb.FileDescriptorSet{}
	if err := (proto.UnmarshalOptions{Resolver: types}).Unmarshal(image, set); err != nil {
		return nil, fmt.Errorf("image: %w", err)
	}
	files, err := protodesc.NewFiles(set)
	if err != nil {
		return nil, fmt.Errorf("image: %w", err)
	}
	return files, nil
}

// linkedFirst finds an extension in the packages that this program links, as
// a Go type, and else in the image, as a dynamic one.
type linkedFirst struct{ *dynamicpb.Types }

// FindExtensionByNumber is the one way in which options are looked up.
func (r linkedFirst) FindExtensionByNumber(message protoreflect.FullName, number protoreflect.FieldNumber) (protoreflect.ExtensionType, error) {
	if x, err := protoregistry.GlobalTypes.FindExtensionByNumber(message, number); err == nil {
		return x, nil
	}
	return r.Types.FindExtensionByNumber(message, number)
}

// services lists our services by name.
func services(files *protoregistry.Files) []protoreflect.ServiceDescriptor {
	var all []protoreflect.ServiceDescriptor
	files.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(string(file.Package()), ours) {
			for i := range file.Services().Len() {
				all = append(all, file.Services().Get(i))
			}
		}
		return true
	})
	slices.SortFunc(all, func(a, b protoreflect.ServiceDescriptor) int {
		return strings.Compare(string(a.FullName()), string(b.FullName()))
	})
	return all
}

// option gives the value of one of our own options, by its full name.
func option(options proto.Message, name protoreflect.FullName) (value protoreflect.Value, ok bool) {
	options.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if field.FullName() == name {
			value, ok = v, true
		}
		return !ok
	})
	return value, ok
}

// headerOf is the HTTP header that a field is read from (the option
// schakel.options.v1.header); empty for one that stands elsewhere.
func headerOf(field protoreflect.FieldDescriptor) string {
	value, ok := option(field.Options(), "schakel.options.v1.header")
	if !ok {
		return ""
	}
	return value.String()
}
