package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// YAML reads a configuration file for kong (kong.Configuration(config.YAML)).
// Its keys are the names of flags; a flag "otel-endpoint" may also be written
// as "endpoint" under "otel". A key that is no flag of any command is an error,
// so that a typing mistake never passes in silence.
func YAML(r io.Reader) (kong.Resolver, error) {
	tree := map[string]any{}
	if err := yaml.NewDecoder(r).Decode(&tree); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	f := file{}
	f.flatten("", tree)
	return f, nil
}

// file holds the values by flag name.
type file map[string]any

func (f file) flatten(prefix string, tree map[string]any) {
	for key, value := range tree {
		if branch, ok := value.(map[string]any); ok {
			f.flatten(prefix+key+"-", branch)
			continue
		}
		f[prefix+key] = value
	}
}

// Validate refuses keys that name no flag of the program.
func (f file) Validate(app *kong.Application) error {
	known := map[string]bool{}
	err := kong.Visit(app, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok {
			known[flag.Name] = true
		}
		return next(nil)
	})
	if err != nil {
		return err
	}
	var unknown []string
	for key := range f {
		if !known[key] {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	slices.Sort(unknown)
	return fmt.Errorf("configuration file: unknown: %s", strings.Join(unknown, ", "))
}

// Resolve gives the value of a flag. Kong lets a resolver override the
// environment, so a flag whose variable is set, be it to nothing, is left alone
// here.
func (f file) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
	}
	return f[flag.Name], nil
}

// Print writes the resolved values of the flags as YAML that YAML reads back,
// secrets masked. Flags that are no configuration (help, and those hidden) are
// left out.
func Print(w io.Writer, flags []*kong.Flag) error {
	out := &yaml.Node{Kind: yaml.MappingNode}
	for _, flag := range flags {
		if flag.Hidden || flag.Name == "help" || flag.Name == "print-config" {
			continue
		}
		var key, value yaml.Node
		key.SetString(flag.Name)
		if err := value.Encode(flag.Target.Interface()); err != nil {
			return fmt.Errorf("print %s: %w", flag.Name, err)
		}
		out.Content = append(out.Content, &key, &value)
	}
	enc := yaml.NewEncoder(w)
	if err := enc.Encode(out); err != nil {
		return err
	}
	return enc.Close()
}
