package goals

import (
	"reflect"
	"testing"
	"unsafe"
)

// A field that is left out of Same is lost where a plan is compared, and one that is left
// out of undo stays there. Leaving one out turns this red.
func TestEveryFieldOfAPlanIsComparedAndUndone(t *testing.T) {
	for i := range reflect.TypeFor[Plan]().NumField() {
		var p Plan
		name, field := reflect.TypeFor[Plan]().Field(i).Name, reflect.ValueOf(&p).Elem().Field(i)
		switch field.Kind() {
		case reflect.String:
			field.SetString("x")
		case reflect.Bool:
			field.SetBool(true)
		case reflect.Int64:
			field.SetInt(1)
		case reflect.Struct:
			field.Field(0).SetString("x")
		case reflect.Slice:
			field.Set(reflect.MakeSlice(field.Type(), 1, 1))
		default:
			t.Fatalf("%s is of a kind that this test does not know", name)
		}
		if p.Same(Plan{}) || p.IsZero() || p.text() == "" {
			t.Errorf("%s is not compared", name)
		}
		if got := p.undo(Plan{}, p); !got.IsZero() {
			t.Errorf("%s is not undone: %+v", name, got)
		}
	}
}

// Most goals of a long list have no plan, and a plan is larger than all else of a goal.
// Red with the plan itself in the place of the pointer.
func TestAGoalWithoutAPlanIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(Goal{}); size > 256 {
		t.Errorf("a goal takes %d bytes beside its texts", size)
	}
}
